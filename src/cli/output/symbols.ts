/** The list of symbols, as text and as JSON, in large pieces: 300,000 rows are an ordinary binary. */
import type { SymbolRow } from "../../../mod.ts";
import { toHex } from "../../core/mod.ts";
import { envelope } from "./json.ts";
import type { Sink } from "./sink.ts";

/** A row, with what is known of its site. */
export interface ListedSymbol extends SymbolRow {
  /** The class of the instruction that a probe would sit on; null when it was not decoded or none will do. */
  site?: string | null;
  /** Whether a target may name it. */
  probeable: boolean;
}

/** A file's symbols. */
export interface SymbolListing {
  path: string;
  buildId: string | null;
  machine: string;
  rows: Iterable<ListedSymbol>;
}

/** UTF-16 units that are gathered before they are written. */
const PIECE_UNITS = 1 << 18;

/** `offset size kind name`, and the demangled name behind two spaces; the first line names the columns. */
export function writeSymbolsText(listing: SymbolListing, sink: Sink): void {
  let piece = "    OFFSET      SIZE  KIND      NAME\n";
  for (const row of listing.rows) {
    const offset = row.fileOffset === null ? "-" : row.fileOffset.toString(16);
    piece += padLeft(offset, 10) + padLeft(String(row.sizeBytes), 10) + KIND[row.kind] + row.name;
    if (row.version !== null) piece += `@${row.version}`;
    piece += row.demangled === null ? "\n" : `  ${row.demangled}\n`;
    if (piece.length >= PIECE_UNITS) {
      if (!sink.write(piece)) return;
      piece = "";
    }
  }
  sink.write(piece);
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
export function writeSymbolsJson(listing: SymbolListing, sink: Sink): void {
  const head = {
    ...envelope(),
    file: listing.path,
    build_id: listing.buildId,
    machine: listing.machine,
    symbols: [],
  };
  let piece = JSON.stringify(head).slice(0, -"]}".length);
  let separator = "\n";
  for (const row of listing.rows) {
    piece += separator + JSON.stringify({
      name: row.name,
      demangled: row.demangled,
      version: row.version,
      size: row.sizeBytes,
      value: toHex(row.value),
      file_offset: row.fileOffset === null ? null : toHex(row.fileOffset),
      kind: row.kind,
      source: row.source,
      site: row.site ?? null,
      probeable: row.probeable,
    });
    separator = ",\n";
    if (piece.length >= PIECE_UNITS) {
      if (!sink.write(piece)) return;
      piece = "";
    }
  }
  sink.write(`${piece}\n]}\n`);
}
