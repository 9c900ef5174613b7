/** The kernel module's resolver of symbols, on real files against readelf, and on symbols of every kind. */
import { assertEquals, assertGreater } from "@std/assert";
import { compilerOf, fixture, type FixtureName } from "../../fixtures/build.ts";
import { buildPlaces } from "../../fuzz/seeds.ts";
import { executable, skipUnless } from "../../skip.ts";
import { Driver, PARTS } from "./build.ts";
import { expected, list } from "./readelf.ts";

const GCC = executable("/usr/bin/gcc");
const READELF = executable("/usr/bin/readelf");
const X86 = { holds: Deno.build.arch === "x86_64", why: "the module resolves for its own machine" };
const DRIVER_PARTS = [...PARTS.elf, ...PARTS.insn];
const LIBRARIES = `/usr/lib/${Deno.build.arch}-linux-gnu`;

/** Real files, and how many names of each must resolve and be refused at least. */
const FILES: readonly [path: string, resolved: number, refused: number][] = [
  [`${LIBRARIES}/libc.so.6`, 2000, 200],
  [`${LIBRARIES}/libm.so.6`, 900, 5],
  [`${LIBRARIES}/libstdc++.so.6`, 4000, 400],
  [`${LIBRARIES}/libcrypto.so.3`, 5000, 9],
  ["/usr/bin/python3.11", 1400, 300],
];

const FIXTURES: readonly [name: FixtureName, resolved: number][] = [
  ["go_app", 1000],
  ["rust_app", 500],
  ["bench_target", 20],
  ["bench_target_linked", 5],
  ["libtarget.so", 10],
  ["cxx_exceptions", 10],
];

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Compares every name that readelf lists, and names that are not there. */
async function compare(path: string, resolved: number, refused: number): Promise<void> {
  const listing = list(path);
  const names = [...new Set(listing.rows.map(({ name }) => name))].filter((name) => !name.startsWith("0x"));
  names.push("no_such_symbol", `${names[0]}_`, names[0].slice(1), "x".repeat(1023));
  using driver = new Driver("elf_driver", DRIVER_PARTS);
  const results = await driver.lines(names, path);
  const wanted = names.map((name) => expected(listing, name));
  const differences = names.map((name, index) => `${name}: ${results[index]}, not ${wanted[index]}`)
    .filter((_, index) => results[index] !== wanted[index]);
  assertEquals(differences, []);
  assertGreater(results.filter((result) => result.startsWith("0x")).length, resolved);
  assertGreater(results.filter((result) => result === "EADDRNOTAVAIL").length, refused);
}

for (const [path, resolved, refused] of FILES) {
  const there = { holds: isThere(path), why: `${path} is not installed` };
  Deno.test({
    ...skipUnless(
      `sb_elf_resolve() agrees with readelf on every symbol of ${path}`,
      GCC,
      READELF,
      X86,
      there,
    ),
    fn: () => compare(path, resolved, refused),
  });
}

for (const [name, resolved] of FIXTURES) {
  const compiler = executable(`/usr/bin/${compilerOf(name)}`);
  Deno.test({
    ...skipUnless(
      `sb_elf_resolve() agrees with readelf on every symbol of ${name}`,
      compiler,
      GCC,
      READELF,
      X86,
    ),
    fn: () => compare(fixture(name), resolved, 1),
  });
}

/** What the symbols of places_one.S and places_two.S resolve to: the file offset of a symbol there, or an errno. */
const PLACES: Readonly<Record<string, string>> = {
  function: "0x",
  alias: "0x",
  weak: "0x",
  label: "0x",
  inside: "0x",
  caller: "0x",
  twin: "0x",
  mixed: "0x",
  shadow: "0x",
  torn: "EADDRNOTAVAIL",
  trap: "EADDRNOTAVAIL",
  locked: "EADDRNOTAVAIL",
  vector: "EADDRNOTAVAIL",
  syscalls: "EADDRNOTAVAIL",
  garbage: "EADDRNOTAVAIL",
  after_garbage: "EADDRNOTAVAIL",
  table: "EADDRNOTAVAIL",
  constant: "EADDRNOTAVAIL",
  data: "EADDRNOTAVAIL",
  zeroes: "EADDRNOTAVAIL",
  thread: "EADDRNOTAVAIL",
  absolute: "EADDRNOTAVAIL",
  chosen: "EADDRNOTAVAIL",
  import: "EADDRNOTAVAIL",
  nowhere: "ENOENT",
};

Deno.test({
  ...skipUnless(
    "sb_elf_resolve() refuses what is no function, and chooses among those of one name",
    GCC,
    READELF,
    X86,
  ),
  fn: async (t) => {
    const folder = Deno.makeTempDirSync();
    try {
      using driver = new Driver("elf_driver", DRIVER_PARTS);
      const symbols = Object.keys(PLACES);
      const inProgram = (symbol: string) => symbol === "import" ? "ENOENT" : PLACES[symbol];
      for (const link of ["library", "program", "writable"] as const) {
        await t.step(`linked as a ${link}`, async () => {
          const path = buildPlaces(folder, link);
          const listing = list(path);
          const results = await driver.lines(symbols, path);
          const short = results.map((result) => result.startsWith("0x") ? "0x" : result);
          assertEquals(
            short,
            symbols.map((symbol) => link === "library" ? PLACES[symbol] : inProgram(symbol)),
          );
          assertEquals(results, symbols.map((symbol) => expected(listing, symbol)));
        });
      }
      await t.step("without .symtab, only what other files may use is there", async () => {
        const path = buildPlaces(folder, "library", { stripped: true });
        const results = await driver.lines(["function", "twin", "inside", "chosen"], path);
        assertEquals(results.slice(1), ["ENOENT", "ENOENT", "EADDRNOTAVAIL"]);
        assertEquals(results[0], expected(list(path), "function"));
      });
      await t.step("of versions, the default one is meant, and refused where it is refused", async () => {
        for (const stripped of [false, true]) {
          const path = buildPlaces(folder, "versions", { stripped });
          const listing = list(path);
          const results = await driver.lines(["versioned", "picked", "new_version", "old_version"], path);
          assertEquals(results, [results[2], "EADDRNOTAVAIL", results[2], results[3]]);
          assertEquals(results[0], expected(listing, "versioned"));
          assertEquals(results[2] === results[3], false);
        }
      });
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  ...skipUnless("sb_elf_check_offset() takes instructions of executable segments only", GCC, READELF, X86),
  fn: async () => {
    const path = `${LIBRARIES}/libc.so.6`;
    const { segments: [text], bytes } = list(path);
    const end = text.offset + text.size;
    using driver = new Driver("elf_driver", DRIVER_PARTS);
    const places = [text.offset - 1, end, end + 4096, 0, bytes.length, bytes.length - 1, 2 ** 52];
    const results = await driver.lines(places.map((place) => `0x${place.toString(16)}`), path);
    assertEquals(results, places.map(() => "EADDRNOTAVAIL"));
    const [malloc] = await driver.lines(["malloc"], path);
    assertEquals(await driver.lines([malloc], path), ["ok"]);
  },
});
