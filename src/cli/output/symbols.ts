/** The list of symbols, as text and as JSON, in large pieces: 300,000 rows are an ordinary binary. */
import type { SymbolRow, TargetFile } from "../../symbols/mod.ts";
import { ByteText } from "../../core/mod.ts";
import { envelope } from "./envelope.ts";
import type { Sink } from "./sink.ts";

/** A file's symbols, as columns. */
export interface SymbolColumns {
  readonly file: Pick<TargetFile, "path" | "buildId" | "machine">;
  readonly length: number;
  /** Appends the name. */
  appendNameAt(row: number, to: ByteText): void;
  /** Appends the demangled name. @returns whether there is one */
  appendDemangledAt(row: number, to: ByteText): boolean;
  sizeBytesAt(row: number): number;
  /** Saturates at 2^53 − 1. */
  valueAt(row: number): number;
  kindAt(row: number): SymbolRow["kind"];
  sourceAt(row: number): SymbolRow["source"];
  versionAt(row: number): string | null;
  fileOffsetAt(row: number): number | null;
  /** The whole row, its demangled name too. */
  rowAt(row: number): SymbolRow;
}

/** How a list is written. */
export interface SymbolOptions {
  /** The class of the instruction that a probe of the row would sit on; null when there is none. */
  siteOf?: (row: SymbolRow) => string | null;
}

/** Bytes that are gathered before they are written. */
const PIECE_BYTES = 1 << 18;
const OFFSET_WIDTH = 10;
const SIZE_WIDTH = 10;
const NO_OFFSET = "-".padStart(OFFSET_WIDTH);

const KIND: Readonly<Record<SymbolRow["kind"], string>> = {
  function: "  function  ",
  ifunc: "  ifunc     ",
  import: "  import    ",
  data: "  data      ",
};

/** `offset size kind name`, and the demangled name behind two spaces; the first line names the columns. */
export function writeSymbolsText(symbols: SymbolColumns, sink: Sink, { siteOf }: SymbolOptions = {}): void {
  const text = new ByteText();
  text.append(`    OFFSET      SIZE  KIND      ${siteOf ? "SITE     " : ""}NAME\n`);
  for (let row = 0; row < symbols.length; row++) {
    const offset = symbols.fileOffsetAt(row);
    if (offset === null) text.append(NO_OFFSET);
    else text.appendHex(offset, OFFSET_WIDTH);
    text.appendNumber(symbols.sizeBytesAt(row), SIZE_WIDTH);
    text.append(KIND[symbols.kindAt(row)]);
    if (siteOf) text.append((siteOf(symbols.rowAt(row)) ?? "-").padEnd(9));
    symbols.appendNameAt(row, text);
    const version = symbols.versionAt(row);
    if (version !== null) text.append(`@${version}`);
    const end = text.length;
    text.append("  ");
    if (!symbols.appendDemangledAt(row, text)) text.truncate(end);
    text.append("\n");
    if (text.length >= PIECE_BYTES && !flush(text, sink)) return;
  }
  flush(text, sink);
}

/** `symbols --json`: one document, a symbol a line. */
export function writeSymbolsJson(symbols: SymbolColumns, sink: Sink, { siteOf }: SymbolOptions = {}): void {
  const text = new ByteText();
  const { path, buildId, machine } = symbols.file;
  const head = { ...envelope(), file: path, build_id: buildId, machine, symbols: [] };
  text.append(JSON.stringify(head).slice(0, -"]}".length));
  for (let row = 0; row < symbols.length; row++) {
    text.append(row === 0 ? '\n{"name":"' : ',\n{"name":"');
    const name = text.length;
    symbols.appendNameAt(row, text);
    escapeJson(text, name);
    text.append('","demangled":"');
    const demangled = text.length;
    if (symbols.appendDemangledAt(row, text)) {
      escapeJson(text, demangled);
      text.append('"');
    } else {
      text.truncate(demangled - 1);
      text.append("null");
    }
    const version = symbols.versionAt(row);
    text.append(
      version === null ? ',"version":null,"size":' : `,"version":${JSON.stringify(version)},"size":`,
    );
    text.appendNumber(symbols.sizeBytesAt(row));
    const value = symbols.valueAt(row);
    text.append(',"value":"0x');
    if (value < Number.MAX_SAFE_INTEGER) text.appendHex(value);
    else text.append(symbols.rowAt(row).value.toString(16));
    const offset = symbols.fileOffsetAt(row);
    text.append(offset === null ? '","file_offset":null,"kind":"' : '","file_offset":"0x');
    if (offset !== null) {
      text.appendHex(offset);
      text.append('","kind":"');
    }
    const kind = symbols.kindAt(row);
    const site = siteOf?.(symbols.rowAt(row)) ?? null;
    const probeable = kind === "function" && offset !== null && (siteOf === undefined || site !== null);
    text.append(kind);
    text.append('","source":"');
    text.append(symbols.sourceAt(row));
    text.append(site === null ? '","site":null' : `","site":${JSON.stringify(site)}`);
    text.append(probeable ? ',"probeable":true}' : ',"probeable":false}');
    if (text.length >= PIECE_BYTES && !flush(text, sink)) return;
  }
  text.append("\n]}\n");
  flush(text, sink);
}

/** Makes what stands behind `start` the inside of a JSON string. */
function escapeJson(text: ByteText, start: number): void {
  if (text.isPlainJson(start)) return;
  const raw = new TextDecoder().decode(text.bytes.subarray(start));
  text.truncate(start);
  text.append(JSON.stringify(raw).slice(1, -1));
}

function flush(text: ByteText, sink: Sink): boolean {
  const open = sink.writeBytes(text.bytes);
  text.truncate(0);
  return open;
}
