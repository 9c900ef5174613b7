/** The list of a file's symbols: against nm, and its bytes against its strings. */
import { assert, assertEquals } from "@std/assert";
import { canDemangleCxx, openElf } from "../../../ffi/mod.ts";
import { ByteText } from "../../../src/core/mod.ts";
import { listSymbols } from "../../../src/symbols/mod.ts";
import { fixture } from "../../fixtures/build.ts";
import { manyNames, writeManySymbols } from "../../fixtures/many_symbols.ts";

const COUNT = 3000;

// Native libraries stay loaded until the process ends: opened before any test, they are no leak of one.
openElf("/proc/self/exe")[Symbol.dispose]();
canDemangleCxx();

async function withMany(use: (path: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await writeManySymbols(`${folder}/many`, COUNT);
    await use(`${folder}/many`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("listSymbols() has the names, addresses and sizes that nm has", async () => {
  await withMany(async (path) => {
    const { stdout } = await new Deno.Command("nm", { args: ["-S", path] }).output();
    const theirs = new TextDecoder().decode(stdout).trim().split("\n").map((line) => {
      const [value, size, , name] = line.split(" ");
      return `${BigInt(`0x${value}`)} ${parseInt(size, 16)} ${name}`;
    });
    const ours = [...listSymbols(path)].map((row) => `${row.value} ${row.sizeBytes} ${row.name}`);
    assertEquals(ours.length, COUNT);
    assertEquals(ours.sort(), theirs.sort());
  });
});

Deno.test("listSymbols() keeps the table's order, and every name of it", async () => {
  await withMany((path) => assertEquals([...listSymbols(path)].map(({ name }) => name), manyNames(COUNT)));
});

/** Checks every row. @returns how many have a demangled form */
function compareRows(path: string): number {
  const symbols = listSymbols(path);
  let mangled = 0;
  for (let row = 0; row < symbols.length; row++) {
    const { name, demangled } = symbols.rowAt(row);
    const text = new ByteText();
    symbols.appendNameAt(row, text);
    assertEquals(text.toString(), name);
    text.truncate(0);
    assertEquals(symbols.appendDemangledAt(row, text), demangled !== null);
    assertEquals(text.toString(), demangled ?? "");
    if (demangled !== null) mangled++;
  }
  return mangled;
}

Deno.test("a listing appends the names and demangled names that its rows have: C++", async () => {
  await withMany((path) => assertEquals(compareRows(path), COUNT / 5));
  assert(compareRows(fixture("cxx_exceptions")) > 0);
});

Deno.test("a listing appends the names and demangled names that its rows have: Rust", () => {
  assert(compareRows(fixture("rust_app")) > 0);
});
