/** The list of symbols, as text and as JSON, in large pieces: 300,000 rows are an ordinary binary. */
import type { SymbolRow, TargetFile } from "../../../mod.ts";
import { toHex } from "../../core/mod.ts";
import { envelope } from "./json.ts";
import type { Sink } from "./sink.ts";

/** A file's symbols, as columns. */
export interface SymbolColumns {
  readonly file: Pick<TargetFile, "path" | "buildId" | "machine">;
  readonly length: number;
  nameAt(row: number): string;
  sizeBytesAt(row: number): number;
  kindAt(row: number): SymbolRow["kind"];
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

/** UTF-16 units that are gathered before they are written. */
const PIECE_UNITS = 1 << 18;

/** `offset size kind name`, and the demangled name behind two spaces; the first line names the columns. */
export function writeSymbolsText(symbols: SymbolColumns, sink: Sink, { siteOf }: SymbolOptions = {}): void {
  let piece = `    OFFSET      SIZE  KIND      ${siteOf ? "SITE     " : ""}NAME\n`;
  for (let row = 0; row < symbols.length; row++) {
    const name = symbols.nameAt(row);
    const version = symbols.versionAt(row);
    const offset = symbols.fileOffsetAt(row)?.toString(16) ?? "-";
    piece += padLeft(offset, 10) + padLeft(String(symbols.sizeBytesAt(row)), 10) + KIND[symbols.kindAt(row)];
    if (siteOf) piece += (siteOf(symbols.rowAt(row)) ?? "-").padEnd(9);
    piece += version === null ? name : `${name}@${version}`;
    // A row is an object: only for names that may have another form.
    const demangled = isMangled(name) ? symbols.rowAt(row).demangled : null;
    piece += demangled === null ? "\n" : `  ${demangled}\n`;
    if (piece.length >= PIECE_UNITS) {
      if (!sink.write(piece)) return;
      piece = "";
    }
  }
  sink.write(piece);
}

/** C++ (Itanium ABI) and Rust (v0) names; Rust's older ones look like C++. */
function isMangled(name: string): boolean {
  return name.startsWith("_Z") || name.startsWith("_R");
}

const KIND: Readonly<Record<SymbolRow["kind"], string>> = {
  function: "  function  ",
  ifunc: "  ifunc     ",
  import: "  import    ",
  data: "  data      ",
};

const SPACES = Array.from({ length: 24 }, (_, count) => " ".repeat(count));

/** Faster than padStart() over 300,000 rows. */
function padLeft(text: string, width: number): string {
  return text.length >= width ? text : SPACES[width - text.length] + text;
}

/** `symbols --json`: one document, a symbol a line. */
export function writeSymbolsJson(symbols: SymbolColumns, sink: Sink, { siteOf }: SymbolOptions = {}): void {
  const { path, buildId, machine } = symbols.file;
  const head = { ...envelope(), file: path, build_id: buildId, machine, symbols: [] };
  let piece = JSON.stringify(head).slice(0, -"]}".length);
  for (let index = 0; index < symbols.length; index++) {
    const row = symbols.rowAt(index);
    const site = siteOf?.(row) ?? null;
    piece += (index === 0 ? "\n" : ",\n") + JSON.stringify({
      name: row.name,
      demangled: row.demangled,
      version: row.version,
      size: row.sizeBytes,
      value: toHex(row.value),
      file_offset: row.fileOffset === null ? null : toHex(row.fileOffset),
      kind: row.kind,
      source: row.source,
      site,
      probeable: row.kind === "function" && row.fileOffset !== null &&
        (siteOf === undefined || site !== null),
    });
    if (piece.length >= PIECE_UNITS) {
      if (!sink.write(piece)) return;
      piece = "";
    }
  }
  sink.write(`${piece}\n]}\n`);
}
