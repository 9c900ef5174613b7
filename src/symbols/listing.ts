/** The symbols of a file for `sb symbols`, as columns: 300,000 of them are listed without an object for each. */
import type { ByteText } from "../core/mod.ts";
import { appendDemangled, demangle } from "./names/mod.ts";
import { compileGlob, isGlob } from "./glob.ts";
import { openFile, placeOf } from "./locate.ts";
import type { LookupContext, SymbolRow, TargetFile } from "./model.ts";
import { compileRegex, type Pattern } from "./regex.ts";
import { rootOf } from "./root.ts";
import type { SymbolTable } from "./symbol_table.ts";

/** What is listed. */
export interface ListOptions extends LookupContext {
  /** A name, a glob, or /regex/ over names and demangled names; all without it. */
  pattern?: string;
  /** Functions and IFUNCs by default. */
  kinds?: readonly SymbolRow["kind"][];
}

/** A listing; rows are made when they are asked for. */
export class SymbolListing implements Iterable<SymbolRow> {
  readonly file: TargetFile;
  readonly #tables: readonly SymbolTable[];
  /** Per row: which table, and which symbol of it. */
  readonly #table: Uint8Array;
  readonly #symbol: Uint32Array;
  readonly #fileOffsetOf: (address: number) => number | null;

  constructor(
    parts: {
      file: TargetFile;
      tables: readonly SymbolTable[];
      table: Uint8Array;
      symbol: Uint32Array;
      fileOffsetOf: (address: number) => number | null;
    },
  ) {
    this.file = parts.file;
    this.#tables = parts.tables;
    this.#table = parts.table;
    this.#symbol = parts.symbol;
    this.#fileOffsetOf = parts.fileOffsetOf;
  }

  get length(): number {
    return this.#symbol.length;
  }

  nameAt(row: number): string {
    return this.#tables[this.#table[row]].nameAt(this.#symbol[row]);
  }

  appendNameAt(row: number, to: ByteText): void {
    const table = this.#tables[this.#table[row]];
    to.appendCString(table.strings, table.nameStartAt(this.#symbol[row]));
  }

  /** @returns whether the name has a demangled form */
  appendDemangledAt(row: number, to: ByteText): boolean {
    const table = this.#tables[this.#table[row]];
    return appendDemangled(to, { bytes: table.strings, start: table.nameStartAt(this.#symbol[row]) });
  }

  /** Saturates at 2^53 − 1. */
  valueAt(row: number): number {
    return this.#tables[this.#table[row]].addressAt(this.#symbol[row]);
  }

  sourceAt(row: number): SymbolRow["source"] {
    return this.#tables[this.#table[row]].source;
  }

  sizeBytesAt(row: number): number {
    return this.#tables[this.#table[row]].sizeBytesAt(this.#symbol[row]);
  }

  kindAt(row: number): SymbolRow["kind"] {
    return this.#tables[this.#table[row]].kindAt(this.#symbol[row]) as SymbolRow["kind"];
  }

  /** The version's name; null for symbols without one. */
  versionAt(row: number): string | null {
    return this.#tables[this.#table[row]].versionAt(this.#symbol[row])?.name ?? null;
  }

  /** null for imports, and for what is in no executable segment. */
  fileOffsetAt(row: number): number | null {
    const table = this.#tables[this.#table[row]];
    return this.kindAt(row) === "import" ? null : this.#fileOffsetOf(table.addressAt(this.#symbol[row]));
  }

  rowAt(row: number): SymbolRow {
    const table = this.#tables[this.#table[row]];
    const symbol = this.#symbol[row];
    const name = table.nameAt(symbol);
    return {
      name,
      demangled: demangle(name),
      version: table.versionAt(symbol)?.name ?? null,
      sizeBytes: table.sizeBytesAt(symbol),
      value: table.valueAt(symbol),
      fileOffset: this.fileOffsetAt(row),
      kind: this.kindAt(row),
      source: table.source,
    };
  }

  *[Symbol.iterator](): Iterator<SymbolRow> {
    for (let row = 0; row < this.length; row++) yield this.rowAt(row);
  }
}

/**
 * Lists the symbols of FILE (as in a target), table by table, in the tables' order.
 *
 * @throws SbError `file.*`, `usage.target` for a malformed pattern
 */
export function listSymbols(fileText: string, options: ListOptions = {}): SymbolListing {
  using root = rootOf(options);
  using used = openFile(fileText, options.pattern ?? "FUNCTION", placeOf(root, options));
  const { symbols: file } = used;
  const kinds = new Set(options.kinds ?? ["function", "ifunc"]);
  const pattern = options.pattern === undefined ? null : patternOf(options.pattern);
  const tables = file.tables;
  // .symtab repeats what .dynsym has, but not the other way round.
  const listed = tables.some(({ source }) => source === "symtab")
    ? tables.filter(({ source }) => source === "symtab")
    : tables;
  const most = listed.reduce((sum, table) => sum + table.length, 0);
  const tableOf = new Uint8Array(most);
  const symbolOf = new Uint32Array(most);
  let rows = 0;
  const dynamic = listed.find(({ source }) => source === "dynsym");
  for (const [number, table] of listed.entries()) {
    const repeats = dynamic && table !== dynamic ? dynamic : null;
    for (let index = 1; index < table.length; index++) {
      const kind = table.kindAt(index);
      if (kind === null || !kinds.has(kind)) continue;
      if (pattern !== null && !matches(pattern, table.nameAt(index))) continue;
      if (repeats && repeats.find(table.nameAt(index)).length > 0) continue;
      tableOf[rows] = number;
      symbolOf[rows++] = index;
    }
  }
  const segments = file.elf.segments.filter(({ type, flags }) => type === 1 && (flags & 1) !== 0)
    .map(({ address, fileBytes, fileOffset }) => ({ start: Number(address), fileBytes, fileOffset }));
  return new SymbolListing({
    file: file.file,
    tables: listed,
    table: tableOf.subarray(0, rows),
    symbol: symbolOf.subarray(0, rows),
    fileOffsetOf: (address) => {
      for (const { start, fileBytes, fileOffset } of segments) {
        if (address >= start && address < start + fileBytes) return fileOffset + address - start;
      }
      return null;
    },
  });
}

function patternOf(text: string): Pattern {
  if (text.length > 2 && text.startsWith("/") && text.endsWith("/")) return compileRegex(text.slice(1, -1));
  if (isGlob(text)) return compileGlob(text);
  return { test: (name) => name.includes(text) };
}

function matches(pattern: Pattern, name: string): boolean {
  if (pattern.test(name)) return true;
  const demangled = demangle(name);
  return demangled !== null && pattern.test(demangled);
}
