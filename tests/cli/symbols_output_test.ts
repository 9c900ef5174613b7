/** The list of symbols as text and as JSON, and where nobody reads on. */
import { assert, assertEquals } from "@std/assert";
import type { Sink } from "../../src/cli/output/sink.ts";
import { type ListedSymbol, writeSymbolsJson, writeSymbolsText } from "../../src/cli/output/symbols.ts";
import { assertGolden } from "./golden.ts";

const ROW: ListedSymbol = {
  name: "malloc",
  demangled: null,
  version: null,
  sizeBytes: 459,
  value: 0x97830n,
  fileOffset: 0x97830,
  kind: "function",
  source: "dynsym",
  site: "push",
  probeable: true,
};

const ROWS: ListedSymbol[] = [
  ROW,
  {
    ...ROW,
    name: "memcpy",
    version: "GLIBC_2.14",
    kind: "ifunc",
    sizeBytes: 241,
    site: null,
    probeable: false,
  },
  { ...ROW, name: "_ZN3Foo3barEi", demangled: "Foo::bar(int)", source: "symtab" },
  {
    ...ROW,
    name: "puts",
    fileOffset: null,
    value: 0n,
    sizeBytes: 0,
    kind: "import",
    site: null,
    probeable: false,
  },
];

/** Keeps what is written; takes `pieces` pieces at the most. */
class Collector implements Sink {
  text = "";
  pieces = 0;
  readonly terminal = false;
  constructor(readonly most = Infinity) {}

  write(text: string): boolean {
    this.text += text;
    return ++this.pieces < this.most;
  }

  [Symbol.dispose](): void {}
}

function* many(count: number, seen: { rows: number }): Generator<ListedSymbol> {
  for (let index = 0; index < count; index++) {
    seen.rows++;
    yield { ...ROW, name: `function_number_${index}` };
  }
}

Deno.test("writeSymbolsText() aligns offset, size, kind and names", () => {
  const sink = new Collector();
  writeSymbolsText({ path: "/lib/x", buildId: "ab12", machine: "x86_64", rows: ROWS }, sink);
  assertGolden("symbols.txt", sink.text);
});

Deno.test("writeSymbolsJson() is one document with a symbol a line", () => {
  const sink = new Collector();
  writeSymbolsJson({ path: "/lib/x", buildId: "ab12", machine: "x86_64", rows: ROWS }, sink);
  assertGolden("symbols_json.txt", sink.text.replace(JSON.stringify(Deno.osRelease()), '"6.18.0"'));
  assertEquals(JSON.parse(sink.text).symbols.length, ROWS.length);
});

Deno.test("writeSymbolsJson() of no symbols is a document too", () => {
  const sink = new Collector();
  writeSymbolsJson({ path: "/lib/x", buildId: null, machine: "aarch64", rows: [] }, sink);
  assertEquals(JSON.parse(sink.text).symbols, []);
});

Deno.test("300,000 symbols are written in large pieces, and none is lost", () => {
  for (const write of [writeSymbolsText, writeSymbolsJson]) {
    const sink = new Collector();
    write({ path: "x", buildId: null, machine: "x86_64", rows: many(300_000, { rows: 0 }) }, sink);
    assert(sink.pieces < 400, `${sink.pieces} pieces`);
    assertEquals(sink.text.match(/function_number_\d+/g)?.length, 300_000);
  }
});

Deno.test("rows are no longer made once nobody reads", () => {
  for (const write of [writeSymbolsText, writeSymbolsJson]) {
    const seen = { rows: 0 };
    write({ path: "x", buildId: null, machine: "x86_64", rows: many(300_000, seen) }, new Collector(1));
    assert(seen.rows < 20_000, `${seen.rows} rows`);
  }
});
