/** ELF files through libelf: what is read of sound ones, and what is said of damaged ones. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Elf, openDescriptors, openElf } from "../../../ffi/mod.ts";
import { SbError } from "../../../src/core/mod.ts";

// libelf is loaded once for the process; loaded inside a test it would count as that test's leak.
openElf("/proc/self/exe")[Symbol.dispose]();

const SOURCE = "int table[3] = {1}; int f(int x) { return table[x]; }";

function compile(folder: string, ...args: string[]): string {
  const [source, path] = [`${folder}/f.c`, `${folder}/libf.so`];
  Deno.writeTextFileSync(source, SOURCE);
  const { success, stderr } = new Deno.Command("gcc", {
    args: ["-O1", "-shared", "-fPIC", source, "-o", path, "-Wl,--build-id=0x0123456789abcdef", ...args],
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return path;
}

function withLibrary(run: (path: string, bytes: Uint8Array<ArrayBuffer>) => void, ...args: string[]): void {
  const folder = Deno.makeTempDirSync();
  try {
    const path = compile(folder, ...args);
    run(path, Deno.readFileSync(path));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("openElf() reads header, segments, sections and build-id", () =>
  withLibrary((path, bytes) => {
    using elf = openElf(path);
    assertEquals(elf.header, {
      bits: 64,
      endian: "little",
      type: Elf.type.dyn,
      machine: Elf.machine[Deno.build.arch],
    });
    assertEquals([elf.name, elf.sizeBytes, elf.buildId], [path, bytes.length, "0123456789abcdef"]);
    const code = elf.segments.find(({ flags }) => flags & Elf.segmentFlag.execute);
    assert(code && code.type === Elf.segment.load && code.fileBytes > 0);
    const text = elf.section(".text");
    assert(text && (text.flags & Elf.sectionFlag.execute) !== 0);
    assertEquals(
      elf.data(text),
      bytes.slice(text.fileOffset, text.fileOffset + text.sizeBytes),
    );
    assertEquals(elf.bytes(0, 4), new Uint8Array([0x7f, 0x45, 0x4c, 0x46]));
    assertEquals(elf.section(Elf.section.dynsym)?.name, ".dynsym");
    assertEquals(elf.section(".nothing"), undefined);
  }));

Deno.test("openElf() reads an image in memory as it reads the file", () =>
  withLibrary((path, bytes) => {
    using file = openElf(path);
    using image = openElf(bytes, "an image");
    assertEquals(image.sections, file.sections);
    assertEquals(image.segments, file.segments);
    assertEquals(image.buildId, file.buildId);
    assertEquals(image.bytes(16, 8), file.bytes(16, 8));
  }));

Deno.test("data() decompresses a section that is compressed", () => {
  const plain: Uint8Array[] = [];
  withLibrary((path) => {
    using elf = openElf(path);
    const section = elf.section(".debug_str");
    assert(section);
    assertEquals(section.flags & Elf.sectionFlag.compressed, 0);
    plain.push(elf.data(section));
  }, "-g");
  withLibrary(
    (path) => {
      using elf = openElf(path);
      const compressed = elf.sections.filter(({ flags }) => flags & Elf.sectionFlag.compressed);
      assert(compressed.length > 0);
      for (const section of compressed) {
        const stored = section.sizeBytes;
        assert(elf.data(section).length > stored);
        // A second reading gives the same, though libelf has unpacked it meanwhile.
        assertEquals(elf.data(section), elf.data(section));
      }
    },
    "-g",
    "-gz",
  );
  assert(plain[0].length > 0);
});

function refused(source: string | Uint8Array<ArrayBuffer>, read?: (elf: ReturnType<typeof openElf>) => void) {
  return assertThrows(() => {
    using elf = openElf(source, "it");
    read?.(elf);
  }, SbError) as SbError;
}

Deno.test("openElf() refuses a file cut at any point, or reads what is whole of it", () =>
  withLibrary((_path, bytes) => {
    const before = openDescriptors().size;
    for (let length = 0; length < bytes.length; length += length < 1024 ? 7 : 131) {
      try {
        using elf = openElf(bytes.slice(0, length), "cut");
        for (const section of elf.sections) elf.data(section);
        assert(elf.buildId !== undefined);
      } catch (error) {
        assert(error instanceof SbError, String(error));
        assertEquals(error.code, "file.not_elf");
      }
    }
    assertEquals(openDescriptors().size, before);
  }));

/** Writes a 64-bit word into a section header. */
function patchSection(
  bytes: Uint8Array<ArrayBuffer>,
  { name, field, value }: { name: string; field: "flags" | "offset" | "size"; value: bigint },
): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  using elf = openElf(bytes, "original");
  const view = new DataView(copy.buffer);
  const header = Number(view.getBigUint64(40, true)) + 64 * (elf.section(name)?.index ?? 0);
  view.setBigUint64(header + { flags: 8, offset: 24, size: 32 }[field], value, true);
  return copy;
}

Deno.test("data() refuses sections whose size or place overflows", () =>
  withLibrary((_path, bytes) => {
    for (const value of [2n ** 64n - 1n, 2n ** 63n, 2n ** 40n, BigInt(bytes.length)]) {
      for (const field of ["size", "offset"] as const) {
        const damaged = patchSection(bytes, { name: ".dynstr", field, value });
        const error = refused(damaged, (elf) => {
          for (const section of elf.sections) elf.data(section);
        });
        assertEquals(error.code, "file.not_elf");
        assertStringIncludes(error.message, 'Cannot read symbols of "it": the ELF file is damaged: ');
        assertEquals(error.hint, "Build or install it again");
      }
    }
  }));

Deno.test("data() refuses a section that claims to unpack to more than it can", () =>
  withLibrary(
    (_path, bytes) => {
      using elf = openElf(bytes, "original");
      const section = elf.section(".debug_info") ?? elf.sections[0];
      const copy = bytes.slice();
      new DataView(copy.buffer).setBigUint64(section.fileOffset + 8, 2n ** 40n, true);
      const error = refused(copy, (damaged) => {
        const same = damaged.section(".debug_info");
        assert(same);
        damaged.data(same);
      });
      assertStringIncludes(error.message, "claims to be 1099511627776 bytes decompressed");
    },
    "-g",
    "-gz",
  ));

Deno.test("openElf() refuses header counts that cannot be", () =>
  withLibrary((_path, bytes) => {
    // e_shoff beyond the file; e_phoff beyond it; e_shnum 0 with a huge count in section 0.
    const changes: ((view: DataView) => void)[] = [
      (view) => view.setBigUint64(40, 2n ** 63n, true),
      (view) => view.setBigUint64(32, 2n ** 63n, true),
      (view) => {
        view.setUint16(60, 0, true);
        view.setBigUint64(Number(view.getBigUint64(40, true)) + 32, 2n ** 60n, true);
      },
    ];
    for (const change of changes) {
      const copy = bytes.slice();
      change(new DataView(copy.buffer));
      try {
        using elf = openElf(copy, "it");
        assert(elf.sections.length < 100);
      } catch (error) {
        assert(error instanceof SbError, String(error));
        assertEquals(error.code, "file.not_elf");
      }
    }
  }));

Deno.test("openElf() says of each kind of failure what it is", () => {
  assertEquals(refused("/nowhere/at/all").code, "file.not_found");
  assertEquals(refused("/nowhere/at/all").hint, "Look what is there: ls /nowhere/at/");
  assertEquals(refused(new Uint8Array(10)).message, 'Cannot read symbols of "it": it is not an ELF file');
  assertEquals(refused("/etc/passwd").code, "file.not_elf");
});

Deno.test("disposing twice is harmless", () => {
  const elf = openElf("/proc/self/exe");
  elf[Symbol.dispose]();
  elf[Symbol.dispose]();
  assertEquals([...openDescriptors().values()].filter((label) => label === "/proc/self/exe"), []);
});
