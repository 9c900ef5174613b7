/** The list of symbols as text and as JSON, and where nobody reads on. */
import { assert, assertEquals } from "@std/assert";
import type { SymbolRow } from "../../mod.ts";
import { toNumber } from "../../src/core/mod.ts";
import type { Sink } from "../../src/cli/output/sink.ts";
import { type SymbolColumns, writeSymbolsJson, writeSymbolsText } from "../../src/cli/output/symbols.ts";
import { assertGolden } from "./golden.ts";

const ROW: SymbolRow = {
  name: "malloc",
  demangled: null,
  version: null,
  sizeBytes: 459,
  value: 0x97830n,
  fileOffset: 0x97830,
  kind: "function",
  source: "dynsym",
};

const ROWS: SymbolRow[] = [
  ROW,
  {
    ...ROW,
    name: "memcpy",
    version: "GLIBC_2.14",
    kind: "ifunc",
    sizeBytes: 241,
  },
  { ...ROW, name: "_ZN3Foo3barEi", demangled: "Foo::bar(int)", source: "symtab" },
  {
    ...ROW,
    name: "puts",
    fileOffset: null,
    value: 0n,
    sizeBytes: 0,
    kind: "import",
  },
];

/** Keeps what is written; takes `pieces` pieces at the most. */
class Collector implements Sink {
  text = "";
  pieces = 0;
  readonly terminal = false;
  constructor(readonly most = Infinity) {}

  write(text: string): boolean {
    return this.writeBytes(new TextEncoder().encode(text));
  }

  writeBytes(bytes: Uint8Array): boolean {
    this.text += new TextDecoder().decode(bytes);
    return ++this.pieces < this.most;
  }

  [Symbol.dispose](): void {}
}

/** Columns over rows. */
function columns(length: number, rowAt: (row: number) => SymbolRow): SymbolColumns {
  return {
    file: { path: "/lib/x", buildId: "ab12", machine: "x86_64" },
    length,
    rowAt,
    appendNameAt: (row, to) => to.append(rowAt(row).name),
    appendDemangledAt: (row, to) => {
      const { demangled } = rowAt(row);
      to.append(demangled ?? "");
      return demangled !== null;
    },
    valueAt: (row) => toNumber(rowAt(row).value),
    sourceAt: (row) => rowAt(row).source,
    sizeBytesAt: (row) => rowAt(row).sizeBytes,
    kindAt: (row) => rowAt(row).kind,
    versionAt: (row) => rowAt(row).version,
    fileOffsetAt: (row) => rowAt(row).fileOffset,
  };
}

const FEW = columns(ROWS.length, (row) => ROWS[row]);
const siteOf = (row: SymbolRow) => row.name === "malloc" ? "push" : null;

function many(seen: { last: number }): SymbolColumns {
  return columns(300_000, (row) => {
    seen.last = row;
    return { ...ROW, name: `function_number_${row}` };
  });
}

Deno.test("writeSymbolsText() aligns offset, size, kind and names", () => {
  const sink = new Collector();
  writeSymbolsText(FEW, sink);
  assertGolden("symbols.txt", sink.text);
});

Deno.test("writeSymbolsText() shows the site of each where sites were looked for", () => {
  const sink = new Collector();
  writeSymbolsText(FEW, sink, { siteOf });
  assertGolden("symbols_sites.txt", sink.text);
});

Deno.test("writeSymbolsJson() is one document with a symbol a line", () => {
  const sink = new Collector();
  writeSymbolsJson(FEW, sink, { siteOf });
  assertGolden("symbols_json.txt", sink.text.replace(JSON.stringify(Deno.osRelease()), '"6.18.0"'));
  assertEquals(JSON.parse(sink.text).symbols.length, ROWS.length);
});

Deno.test("writeSymbolsJson() of no symbols is a document too", () => {
  const sink = new Collector();
  writeSymbolsJson(columns(0, (row) => ROWS[row]), sink);
  assertEquals(JSON.parse(sink.text).symbols, []);
});

Deno.test("300,000 symbols are written in large pieces, and none is lost", () => {
  for (const write of [writeSymbolsText, writeSymbolsJson]) {
    const sink = new Collector();
    write(many({ last: 0 }), sink);
    assert(sink.pieces < 400, `${sink.pieces} pieces`);
    assertEquals(sink.text.match(/function_number_\d+/g)?.length, 300_000);
  }
});

Deno.test("rows are no longer made once nobody reads", () => {
  for (const write of [writeSymbolsText, writeSymbolsJson]) {
    const seen = { last: 0 };
    write(many(seen), new Collector(1));
    assert(seen.last < 20_000, `${seen.last} rows`);
  }
});
