/** The kernel module's resolver on damaged files: one field after the other gets values that it must not have. */
import { assertEquals } from "@std/assert";
import { buildPlaces } from "../../fuzz/seeds.ts";
import { executable, skipUnless } from "../../skip.ts";
import { Driver, PARTS } from "./build.ts";

const GCC = executable("/usr/bin/gcc");
const X86 = { holds: Deno.build.arch === "x86_64", why: "the module resolves for its own machine" };
const DRIVER_PARTS = [...PARTS.elf, ...PARTS.insn];
const MAX = (1n << 64n) - 1n;

/** Where things are in an ELF file, as offsets of bytes (the ELF specification, gABI 4.1). */
class Image {
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer);
  }

  /** Writes a number of so many bytes. */
  set(at: number, width: 1 | 2 | 4 | 8, value: number | bigint): void {
    if (width === 8) this.view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
    else if (width === 4) this.view.setUint32(at, Number(value), true);
    else if (width === 2) this.view.setUint16(at, Number(value), true);
    else this.view.setUint8(at, Number(value));
  }

  get(at: number): number {
    return Number(this.view.getBigUint64(at, true));
  }

  get sectionCount(): number {
    return this.view.getUint16(60, true);
  }

  /** The header of section `index`. */
  sectionAt(index: number): number {
    return this.get(40) + 64 * index;
  }

  /** The header of the first section of a type. */
  section(type: number): number {
    const indexes = Array.from({ length: this.sectionCount }, (_, index) => this.sectionAt(index));
    return indexes.find((at) => this.view.getUint32(at + 4, true) === type) as number;
  }

  /** The header of the first loaded segment, the one with the code. */
  get segment(): number {
    const headers = Array.from({ length: this.view.getUint16(56, true) }, (_, index) => 64 + 56 * index);
    return headers.find((at) => this.view.getUint32(at, true) === 1) as number;
  }

  /** The header of the strings of .symtab. */
  get strings(): number {
    return this.sectionAt(this.view.getUint32(this.section(SYMTAB) + 40, true));
  }

  /** The row of a symbol in .symtab. */
  symbol(name: string): number {
    const [table, strings] = [this.section(SYMTAB), this.strings];
    const decoder = new TextDecoder();
    for (let at = this.get(table + 24); at < this.get(table + 24) + this.get(table + 32); at += 24) {
      const start = this.get(strings + 24) + this.view.getUint32(at, true);
      const found = decoder.decode(this.bytes.subarray(start, this.bytes.indexOf(0, start)));
      if (found === name) return at;
    }
    throw new Error(`no symbol "${name}"`);
  }
}

const [SYMTAB, NOBITS, DYNSYM, VERSYM] = [2, 8, 11, 0x6fffffff];

/** What is done to the file, and what `function` resolves to then; "same" as before. */
type Damage = readonly [
  title: string,
  damage: (image: Image) => void,
  result: "ENOEXEC" | "EADDRNOTAVAIL" | "ENOENT" | "same",
];

const HEADER: readonly Damage[] = [
  ["no magic", (image) => image.set(0, 1, 0x7e), "ENOEXEC"],
  ["32 bits", (image) => image.set(4, 1, 1), "ENOEXEC"],
  ["no class", (image) => image.set(4, 1, 0), "ENOEXEC"],
  ["big-endian", (image) => image.set(5, 1, 2), "ENOEXEC"],
  ["an unknown version of the identification", (image) => image.set(6, 1, 0), "ENOEXEC"],
  ["no type", (image) => image.set(16, 2, 0), "ENOEXEC"],
  ["relocatable", (image) => image.set(16, 2, 1), "ENOEXEC"],
  ["a core dump", (image) => image.set(16, 2, 4), "ENOEXEC"],
  ["an executable", (image) => image.set(16, 2, 2), "same"],
  ["i386", (image) => image.set(18, 2, 3), "ENOEXEC"],
  ["arm64", (image) => image.set(18, 2, 183), "ENOEXEC"],
  ["an unknown version", (image) => image.set(20, 4, 2), "ENOEXEC"],
  ["program headers of 0 bytes", (image) => image.set(54, 2, 0), "ENOEXEC"],
  ["program headers of 55 bytes", (image) => image.set(54, 2, 55), "ENOEXEC"],
  ["no program headers", (image) => image.set(56, 2, 0), "ENOEXEC"],
  ["65535 program headers", (image) => image.set(56, 2, 0xffff), "ENOEXEC"],
  ["program headers beyond the end", (image) => image.set(32, 8, image.bytes.length - 8), "ENOEXEC"],
  ["program headers at the end of numbers", (image) => image.set(32, 8, MAX - 8n), "ENOEXEC"],
  ["section headers of 0 bytes", (image) => image.set(58, 2, 0), "ENOEXEC"],
  ["section headers of 63 bytes", (image) => image.set(58, 2, 63), "ENOEXEC"],
  ["section headers beyond the end", (image) => image.set(40, 8, image.bytes.length - 8), "ENOEXEC"],
  ["section headers at the end of numbers", (image) => image.set(40, 8, MAX - 63n), "ENOEXEC"],
  ["more section headers than there are bytes", (image) => image.set(60, 2, 0xfeff), "ENOEXEC"],
  ["no section headers", (image) => image.set(40, 8, 0), "ENOENT"],
  ["the number of sections in section 0", (image) => {
    image.set(image.sectionAt(0) + 32, 8, image.sectionCount);
    image.set(60, 2, 0);
  }, "same"],
  ["a great number of sections in section 0", (image) => {
    image.set(image.sectionAt(0) + 32, 8, 1n << 58n);
    image.set(60, 2, 0);
  }, "ENOEXEC"],
  ["no sections in section 0", (image) => {
    image.set(image.sectionAt(0) + 32, 8, 0);
    image.set(60, 2, 0);
  }, "ENOENT"],
];

const SEGMENTS: readonly Damage[] = [
  ["a segment beyond the end", (image) => image.set(image.segment + 8, 8, 1 << 20), "ENOEXEC"],
  ["a segment at the end of numbers", (image) => image.set(image.segment + 8, 8, MAX - 4095n), "ENOEXEC"],
  ["a segment longer than the file", (image) => image.set(image.segment + 32, 8, 1 << 20), "ENOEXEC"],
  ["a segment longer than its memory", (image) => image.set(image.segment + 40, 8, 1), "ENOEXEC"],
  [
    "a segment at an address of the kernel",
    (image) => image.set(image.segment + 16, 8, 0xffff_8000_0000_0000n),
    "ENOEXEC",
  ],
  ["a segment of endless memory", (image) => image.set(image.segment + 40, 8, MAX), "ENOEXEC"],
  ["a segment that no page can map", (image) => image.set(image.segment + 8, 8, 1), "ENOEXEC"],
  ["a segment that is not executable", (image) => image.set(image.segment + 4, 4, 4), "EADDRNOTAVAIL"],
  [
    "a segment whose code is not in the file",
    (image) => image.set(image.segment + 32, 8, 64),
    "EADDRNOTAVAIL",
  ],
];

const TABLES: readonly Damage[] = [
  ["symbols of 0 bytes", (image) => image.set(image.section(SYMTAB) + 56, 8, 0), "ENOEXEC"],
  ["symbols of 25 bytes", (image) => image.set(image.section(SYMTAB) + 56, 8, 25), "ENOEXEC"],
  ["half a symbol", (image) => image.set(image.section(SYMTAB) + 32, 8, 36), "ENOEXEC"],
  ["symbols beyond the end", (image) => image.set(image.section(SYMTAB) + 24, 8, 1 << 20), "ENOEXEC"],
  [
    "symbols at the end of numbers",
    (image) => image.set(image.section(SYMTAB) + 24, 8, MAX - 23n),
    "ENOEXEC",
  ],
  ["2^63 bytes of symbols", (image) => image.set(image.section(SYMTAB) + 32, 8, 3n << 61n), "ENOEXEC"],
  ["names in no section", (image) => image.set(image.section(SYMTAB) + 40, 4, image.sectionCount), "ENOEXEC"],
  ["names in section 2^32 - 1", (image) => image.set(image.section(SYMTAB) + 40, 4, 0xffffffff), "ENOEXEC"],
  ["names in a section of something else", (image) => image.set(image.strings + 4, 4, 1), "ENOEXEC"],
  ["names that are not in the file", (image) => image.set(image.strings + 4, 4, NOBITS), "ENOEXEC"],
  ["names beyond the end", (image) => image.set(image.strings + 24, 8, 1 << 20), "ENOEXEC"],
  ["names longer than the file", (image) => image.set(image.strings + 32, 8, MAX), "ENOEXEC"],
  ["no names", (image) => image.set(image.strings + 32, 8, 0), "ENOEXEC"],
  ["names that do not end", (image) => {
    image.set(image.get(image.strings + 24) + image.get(image.strings + 32) - 1, 1, 0x41);
  }, "ENOEXEC"],
  ["imports and exports of 0 bytes", (image) => image.set(image.section(DYNSYM) + 56, 8, 0), "ENOEXEC"],
  ["fewer versions than symbols", (image) => image.set(image.section(VERSYM) + 32, 8, 2), "ENOEXEC"],
  ["versions beyond the end", (image) => image.set(image.section(VERSYM) + 24, 8, 1 << 20), "ENOEXEC"],
  ["no .symtab", (image) => image.set(image.section(SYMTAB) + 4, 4, 1), "same"],
  ["neither table", (image) => {
    image.set(image.section(SYMTAB) + 4, 4, 1);
    image.set(image.section(DYNSYM) + 4, 4, 1);
  }, "ENOENT"],
];

const SYMBOLS: readonly Damage[] = [
  ["a name beyond the table", (image) => image.set(image.symbol("function"), 4, 0xffffffff), "ENOEXEC"],
  ["a name at the table's last byte", (image) => {
    image.set(image.symbol("function"), 4, image.get(image.strings + 32) - 1);
  }, "same"],
  ["a section that is not there", (image) => image.set(image.symbol("function") + 6, 2, 0xfe00), "ENOEXEC"],
  [
    "a section that has its number elsewhere",
    (image) => image.set(image.symbol("function") + 6, 2, 0xffff),
    "same",
  ],
  ["no section", (image) => image.set(image.symbol("function") + 6, 2, 0xfff2), "EADDRNOTAVAIL"],
  [
    "a section that is not executable",
    (image) => image.set(image.symbol("function") + 6, 2, 1),
    "EADDRNOTAVAIL",
  ],
  ["a data symbol", (image) => image.set(image.symbol("function") + 4, 1, 0x11), "EADDRNOTAVAIL"],
  ["an indirect function", (image) => image.set(image.symbol("function") + 4, 1, 0x1a), "EADDRNOTAVAIL"],
  ["an address of nothing", (image) => image.set(image.symbol("function") + 8, 8, MAX), "EADDRNOTAVAIL"],
  [
    "an address out of its section",
    (image) => image.set(image.symbol("function") + 8, 8, 0),
    "EADDRNOTAVAIL",
  ],
  ["a neighbour of endless size", (image) => image.set(image.symbol("weak") + 16, 8, MAX), "same"],
];

/** Resolves `function` in a file of these bytes. @param options.interrupt see elf_driver.c */
async function resolveIn(
  driver: Driver,
  bytes: Uint8Array,
  { folder, interrupt = [] }: { folder: string; interrupt?: readonly string[] },
): Promise<string> {
  const path = `${folder}/damaged`;
  Deno.writeFileSync(path, bytes);
  const [result] = await driver.lines(["function"], path, ...interrupt);
  return result;
}

async function withLibrary(
  use: (driver: Driver, folder: string, library: Uint8Array) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    using driver = new Driver("elf_driver", DRIVER_PARTS);
    await use(driver, folder, Deno.readFileSync(buildPlaces(folder, "versions")));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (
  const [what, damages] of Object.entries({
    header: HEADER,
    segments: SEGMENTS,
    tables: TABLES,
    symbols: SYMBOLS,
  })
) {
  Deno.test({
    ...skipUnless(`sb_elf_resolve() refuses files with damaged ${what}`, GCC, X86),
    fn: (t) =>
      withLibrary(async (driver, folder, library) => {
        const whole = await resolveIn(driver, library, { folder });
        for (const [title, damage, result] of damages) {
          await t.step(title, async () => {
            const image = new Image(library.slice());
            damage(image);
            assertEquals(
              await resolveIn(driver, image.bytes, { folder }),
              result === "same" ? whole : result,
            );
          });
        }
      }),
  });
}

Deno.test({
  ...skipUnless("sb_elf_resolve() refuses what is cut off anywhere, or is no ELF at all", GCC, X86),
  fn: () =>
    withLibrary(async (driver, folder, library) => {
      const whole = await resolveIn(driver, library, { folder });
      const image = new Image(library);
      // The section headers are the last thing in the file.
      for (let length = 0; length < library.length; length += length < 128 ? 7 : 211) {
        assertEquals(
          await resolveIn(driver, library.slice(0, length), { folder }),
          "ENOEXEC",
          `${length} bytes`,
        );
      }
      assertEquals(
        await resolveIn(driver, library.slice(0, image.sectionAt(image.sectionCount)), { folder }),
        whole,
      );
      for (const text of ["#!/bin/sh\n", "\x7fELF", "\0".repeat(4096), "!<arch>\n".padEnd(200)]) {
        assertEquals(await resolveIn(driver, new TextEncoder().encode(text), { folder }), "ENOEXEC");
      }
    }),
});

for (const [how, error] of [["fail", "EIO"], ["kill", "EINTR"]]) {
  Deno.test({
    ...skipUnless(`sb_elf_resolve() gives ${error} and nothing else, whichever read it comes with`, GCC, X86),
    fn: () =>
      withLibrary(async (driver, folder, library) => {
        const whole = await resolveIn(driver, library, { folder });
        const resolveAfter = (reads: number) =>
          resolveIn(driver, library, { folder, interrupt: [how, `${reads}`] });
        let reads = 0;
        while (await resolveAfter(reads) === error) reads++;
        assertEquals(await resolveAfter(reads), whole);
        assertEquals(reads > 8 && reads < 100, true, `${reads} reads`);
      }),
  });
}
