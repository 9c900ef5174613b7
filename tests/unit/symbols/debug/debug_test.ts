/** Separate debug files, packed symbols and source lines, on programs compiled here. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { openDescriptors, openElf } from "../../../../ffi/mod.ts";
import { SbError } from "../../../../src/core/mod.ts";
import {
  debugFileCandidates,
  debugFileOf,
  findLine,
  lineOf,
  parseDebugAltLink,
  parseDebugLink,
  readGnuDebugdata,
} from "../../../../src/symbols/debug/mod.ts";

const SOURCE = `#include <stdio.h>
static inline __attribute__((always_inline)) int twice(int x) {
  return x * 2 + (int)sizeof(FILE);
}
__attribute__((noinline)) int first(int x) {
  return twice(x) ^ 1;
}
__attribute__((noinline)) int second(int x) {
  return twice(x) - 3;
}
int main(int argc, char **argv) {
  (void)argv;
  printf("%d\\n", first(argc) + second(argc));
  return 0;
}
`;

function run(command: string, ...args: string[]): string {
  const result = new Deno.Command(command, { args, stdin: "null" }).outputSync();
  if (!result.success) throw new Error(`${command}: ${new TextDecoder().decode(result.stderr)}`);
  return new TextDecoder().decode(result.stdout);
}

function search(path: string, options: { env?: Record<string, string> } = {}) {
  using elf = openElf(path);
  return debugFileOf(elf, { path, ...options });
}

/** A program in a folder of its own, which is removed at the end. */
class Program implements Disposable {
  readonly folder = Deno.realPathSync(Deno.makeTempDirSync());
  readonly path = `${this.folder}/program`;

  constructor(...flags: string[]) {
    Deno.mkdirSync(`${this.folder}/src`);
    Deno.writeTextFileSync(`${this.folder}/src/lines.c`, SOURCE);
    run("gcc", "-O1", "-g", ...flags, `${this.folder}/src/lines.c`, "-o", this.path);
  }

  symbol(name: string): bigint {
    const row = run("nm", this.path).split("\n").find((line) => line.endsWith(` ${name}`)) as string;
    return BigInt(`0x${row.split(" ")[0]}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

// Libraries stay open for the process's life; opened here, they are no leak of the test that uses them first.
{
  using program = new Program();
  findLine(program.path, { source: "lines.c", line: 6 });
  assertThrows(() => readGnuDebugdata(Uint8Array.of(1, 2, 3)), SbError);
}

for (const version of ["4", "5"]) {
  Deno.test(`findLine() finds a line of DWARF ${version} in each function and inlined copy`, () => {
    using program = new Program(`-gdwarf-${version}`);
    const main = findLine(program.path, { source: "lines.c", line: 13 });
    assertEquals(main.source, `${program.folder}/src/lines.c`);
    assertEquals(main.addresses.length, 1);
    assert(main.addresses[0] >= program.symbol("main"));
    const inlined = findLine(program.path, { source: "src/lines.c", line: 3 });
    assertEquals(inlined.addresses.length, 2);
    for (const address of inlined.addresses) {
      const table = run("objdump", "--dwarf=decodedline", program.path);
      assert(new RegExp(`^lines\\.c\\s+3\\s+0x${address.toString(16)}\\b`, "m").test(table), table);
    }
    assertEquals(lineOf(program.path, main.addresses[0])?.source, main.source);
    assertEquals(lineOf(program.path, 1n), null);
    assertEquals(openDescriptors().size, 0);
  });
}

Deno.test("findLine() names the nearest lines when a line has no code", () => {
  using program = new Program();
  const error = assertThrows(
    () => findLine(program.path, { source: "lines.c", line: 1 }),
    SbError,
    `Cannot find "lines.c:1": that line has no code; the nearest that have are`,
  );
  assertEquals(error.code, "probe.no_lines");
  assert((error.data.nearest as number[]).includes(3));
});

Deno.test("findLine() refuses an unknown source, and a program without debug information", () => {
  using program = new Program();
  assertThrows(
    () => findLine(program.path, { source: "ines.c", line: 6 }),
    SbError,
    `Cannot find "ines.c:6": no code of "${program.path}" comes from such a source`,
  );
  run("strip", program.path);
  const error = assertThrows(
    () => findLine(program.path, { source: "lines.c", line: 6 }),
    SbError,
    `Cannot find "lines.c:6": "${program.path}" has no debug information`,
  );
  assertStringIncludes(error.hint ?? "", "-g");
});

Deno.test("findLine() lists the sources that an ambiguous name may mean", () => {
  using program = new Program();
  const { folder } = program;
  for (const part of ["a", "b"]) {
    Deno.mkdirSync(`${folder}/${part}`);
    Deno.writeTextFileSync(`${folder}/${part}/same.c`, `int of_${part}(int x) {\n  return x + 1;\n}\n`);
  }
  Deno.writeTextFileSync(
    `${folder}/m.c`,
    "int of_a(int), of_b(int);\nint main(void) { return of_a(of_b(1)); }\n",
  );
  const path = `${folder}/ambiguous`;
  run("gcc", "-g", `${folder}/a/same.c`, `${folder}/b/same.c`, `${folder}/m.c`, "-o", path);
  const error = assertThrows(
    () => findLine(path, { source: "same.c", line: 2 }),
    SbError,
    `Cannot find "same.c:2": several sources end so: ${folder}/a/same.c, ${folder}/b/same.c`,
  );
  assertEquals(error.code, "probe.symbol_ambiguous");
  assertEquals(findLine(path, { source: "a/same.c", line: 2 }).addresses.length, 1);
});

Deno.test("debugFileOf() follows a debuglink and refuses another program's file", () => {
  using program = new Program("-Wl,--build-id=sha1", "-O0");
  using other = new Program("-Wl,--build-id=sha1", "-O2");
  const debug = `${program.folder}/program.debug`;
  const before = findLine(program.path, { source: "lines.c", line: 6 });
  const address = before.addresses[0];
  run("objcopy", "--only-keep-debug", program.path, debug);
  run("strip", program.path);
  run("objcopy", `--add-gnu-debuglink=${debug}`, program.path);
  assertEquals(search(program.path).path, debug);
  assertEquals(findLine(program.path, { source: "lines.c", line: 6 }), before);
  assertEquals(lineOf(program.path, address)?.line, 6);
  run("objcopy", "--only-keep-debug", other.path, debug);
  const wrong = search(program.path);
  assertEquals(wrong.path, null);
  assertStringIncludes(wrong.refused[0].why, "its build-id is ");
});

Deno.test("debugFileOf() compares the checksum where there is no build-id", () => {
  using program = new Program("-Wl,--build-id=none");
  Deno.mkdirSync(`${program.folder}/.debug`);
  const debug = `${program.folder}/.debug/program.debug`;
  run("objcopy", "--only-keep-debug", program.path, debug);
  run("strip", program.path);
  run("objcopy", `--add-gnu-debuglink=${debug}`, program.path);
  assertEquals(search(program.path).path, debug);
  Deno.writeFileSync(debug, Uint8Array.of(0), { append: true });
  const wrong = search(program.path);
  assertEquals(wrong.path, null);
  assertStringIncludes(wrong.refused[0].why, "its checksum is not the debuglink's");
});

Deno.test("debugFileOf() takes a file from debuginfod's cache", () => {
  using program = new Program("-Wl,--build-id=sha1");
  using elf = openElf(program.path);
  const cache = `${program.folder}/cache`;
  Deno.mkdirSync(`${cache}/${elf.buildId}`, { recursive: true });
  run("objcopy", "--only-keep-debug", program.path, `${cache}/${elf.buildId}/debuginfo`);
  const env = { DEBUGINFOD_CACHE_PATH: cache };
  assertEquals(search(program.path, { env }).path, `${cache}/${elf.buildId}/debuginfo`);
  assertEquals(search(program.path, { env: {} }).path, null);
});

Deno.test("debugFileCandidates() lists the places below the root, the build-id's first", () => {
  const query = {
    path: "/usr/bin/x",
    buildId: "abcdef",
    debuglink: { fileName: "x.debug", crc: 1 },
    root: "/r",
  };
  assertEquals(debugFileCandidates({ ...query, env: { HOME: "/h" } }).map(({ path }) => path), [
    "/r/usr/lib/debug/.build-id/ab/cdef.debug",
    "/r/usr/bin/x.debug",
    "/r/usr/bin/.debug/x.debug",
    "/r/usr/lib/debug/usr/bin/x.debug",
    "/h/.cache/debuginfod_client/abcdef/debuginfo",
    "/h/.debuginfod_client_cache/abcdef/debuginfo",
  ]);
});

Deno.test("readGnuDebugdata() unpacks what objcopy and xz packed, and refuses damage", () => {
  using program = new Program();
  const mini = `${program.folder}/mini`;
  run("objcopy", "-S", "--keep-symbol=first", "--keep-symbol=second", program.path, mini);
  const original = Deno.readFileSync(mini);
  run("xz", mini);
  run("strip", program.path);
  run("objcopy", `--add-section=.gnu_debugdata=${mini}.xz`, program.path);
  using elf = openElf(program.path);
  const section = elf.section(".gnu_debugdata");
  assert(section !== undefined);
  const packed = elf.data(section);
  assertEquals(readGnuDebugdata(packed), original);
  for (const at of [0, 20, packed.length - 3]) {
    const damaged = packed.slice();
    damaged[at] ^= 0xff;
    assertEquals(
      assertThrows(() => readGnuDebugdata(damaged), SbError, "Cannot unpack").code,
      "file.not_elf",
    );
  }
});

Deno.test("parseDebugLink() and parseDebugAltLink() read their sections and refuse malformed ones", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assertEquals(parseDebugLink(bytes("abc\0\x01\x02\x03\x04")), { fileName: "abc", crc: 0x04030201 });
  assertEquals(parseDebugLink(bytes("a\0\0\0\x01\x02\x03\x04"), { bigEndian: true }).crc, 0x01020304);
  assertEquals(parseDebugAltLink(bytes("/x\0\x0a\x0b")), { path: "/x", buildId: "0a0b" });
  for (const text of ["", "abc", "\0\0\0\0\x01\x02\x03\x04", "abc\0\x01", "../x\0\0\0\0\x01\x02\x03\x04"]) {
    assertThrows(() => parseDebugLink(bytes(text)), SbError, `Cannot read ".gnu_debuglink"`);
  }
  for (const text of ["", "\0\x01", "/x\0"]) {
    assertThrows(() => parseDebugAltLink(bytes(text)), SbError, `Cannot read ".gnu_debugaltlink"`);
  }
});

Deno.test("findLine() survives damaged line tables", () => {
  using program = new Program();
  using elf = openElf(program.path);
  const original = Deno.readFileSync(program.path);
  let changed = 0;
  for (const name of [".debug_line", ".debug_info", ".debug_abbrev"]) {
    const section = elf.section(name);
    assert(section !== undefined);
    for (let round = 0; round < 60; round++) {
      const damaged = original.slice();
      damaged[section.fileOffset + (round * 37) % section.sizeBytes] ^= 1 << (round % 8);
      const path = `${program.folder}/damaged`;
      Deno.writeFileSync(path, damaged);
      try {
        findLine(path, { source: "lines.c", line: 6 });
      } catch (error) {
        assert(error instanceof SbError, String(error));
        changed++;
      }
    }
  }
  assertNotEquals(changed, 0);
});
