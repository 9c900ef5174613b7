/** Source lines: from `file.c:123` to addresses, and back. */
import { SbError } from "../../core/mod.ts";
import { type DwarfUnit, Elf, type LineRow, openDwarf, openElf } from "../../../ffi/mod.ts";
import { debugFileOf } from "./files.ts";

/** A source line as the user writes it. */
export interface LineQuery {
  /** A base name (`foo.c`), the end of a path (`src/foo.c`), or a whole path. */
  source: string;
  /** From 1. */
  line: number;
}

/** Where the line information may be, when it is not in the file itself. */
export interface LineOptions {
  /** A separate debug file that is known already. */
  debugPath?: string;
  /** See `DebugFileQuery.root`; `path` is then seen from there. */
  root?: string;
  /** Where sb can open the program, when not at `path` below `root` (a deleted file). */
  openPath?: string;
}

/** The code of a source line. */
export interface FoundLine {
  /** The source's whole path, as the line table has it. */
  source: string;
  line: number;
  /** ELF virtual addresses, ascending: the first of the line in each function and inlined copy. */
  addresses: bigint[];
}

const NEAREST_LINES = 4;

/** `/a/./b//c/../d` → `/a/b/d`. */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}

function isSource(path: string, wanted: string): boolean {
  return path === wanted || (!wanted.startsWith("/") && path.endsWith(`/${wanted}`));
}

function openPathOf(path: string, options: LineOptions): string {
  return options.openPath ?? `${options.root ?? ""}${path}`;
}

/** The files to look into: the program itself first, then its separate debug file. */
function* filesWithLines(path: string, options: LineOptions): Generator<string> {
  const program = openPathOf(path, options);
  yield program;
  if (options.debugPath !== undefined) yield options.debugPath;
  else {
    let separate: string | null;
    {
      using elf = openElf(program);
      separate = debugFileOf(elf, { path, root: options.root ?? "" }).path;
    }
    if (separate !== null) yield separate;
  }
}

/** Tells executable addresses: the linker leaves line rows of functions that it dropped, at addresses near 0. */
function executableTest(path: string): (address: bigint) => boolean {
  using elf = openElf(path);
  const ranges = elf.segments
    .filter((segment) => segment.type === Elf.segment.load && (segment.flags & Elf.segmentFlag.execute) !== 0)
    .map(({ address, memoryBytes }) => [address, address + BigInt(memoryBytes)] as const);
  return (address) => ranges.some(([start, end]) => start <= address && address < end);
}

interface Row extends LineRow {
  unit: DwarfUnit;
}

/** The first address of each function or inlined copy; where functions are not described, of each run of addresses. */
function firstAddresses(rows: readonly Row[]): bigint[] {
  const first = new Map<string, bigint>();
  for (const { unit, address } of rows) {
    const key = unit.functionAt(address) ?? `address ${address}`;
    const before = first.get(key);
    if (before === undefined || address < before) first.set(key, address);
  }
  return [...new Set(first.values())].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function refuseAmbiguous(query: LineQuery, candidates: string[]): never {
  const text = `${query.source}:${query.line}`;
  throw new SbError(
    "probe.symbol_ambiguous",
    `Cannot find "${text}": several sources end so: ${candidates.join(", ")}`,
    {
      hint: `Write more of the path: ${candidates[0]}:${query.line}`,
      data: { candidates },
    },
  );
}

function refuseLine(query: LineQuery, source: string, lines: number[]): never {
  const nearest = lines
    .sort((a, b) => Math.abs(a - query.line) - Math.abs(b - query.line) || a - b)
    .slice(0, NEAREST_LINES)
    .sort((a, b) => a - b);
  throw new SbError(
    "probe.no_lines",
    `Cannot find "${query.source}:${query.line}": that line has no code; the nearest that have are ${
      nearest.join(", ")
    }`,
    { hint: `Use one of them: ${query.source}:${nearest[0]}`, data: { source, nearest } },
  );
}

/**
 * The addresses of a source line.
 *
 * @param path the program, links resolved
 * @throws SbError `probe.no_lines` when the file has no such source, or no code at the line (the nearest are named);
 *   `probe.symbol_ambiguous` when several sources fit; `library.missing`, `file.not_elf`, `file.not_found`
 */
export function findLine(path: string, query: LineQuery, options: LineOptions = {}): FoundLine {
  const wanted = normalise(query.source);
  const isExecutable = executableTest(openPathOf(path, options));
  let units = 0;
  for (const file of filesWithLines(path, options)) {
    using dwarf = openDwarf(file);
    const rows: Row[] = [];
    for (const unit of dwarf.units()) {
      units++;
      for (const row of unit.rows((source) => isSource(normalise(source), wanted))) {
        if (isExecutable(row.address)) rows.push({ ...row, source: normalise(row.source), unit });
      }
    }
    if (rows.length === 0) continue;
    const sources = [...new Set(rows.map((row) => row.source))].sort();
    if (sources.length > 1 && !sources.includes(wanted)) refuseAmbiguous(query, sources);
    const source = sources.includes(wanted) ? wanted : sources[0];
    const ofSource = rows.filter((row) => row.source === source);
    const ofLine = ofSource.filter((row) => row.line === query.line);
    if (ofLine.length === 0) refuseLine(query, source, [...new Set(ofSource.map((row) => row.line))]);
    return { source, line: query.line, addresses: firstAddresses(ofLine) };
  }
  const text = `${query.source}:${query.line}`;
  if (units > 0) {
    throw new SbError(
      "probe.no_lines",
      `Cannot find "${text}": no code of "${path}" comes from such a source`,
    );
  }
  throw new SbError("probe.no_lines", `Cannot find "${text}": "${path}" has no debug information`, {
    hint: "Compile it with -g, or install its debug package (its name often ends in -dbg or -dbgsym)",
  });
}

/**
 * The source line of an address, for display.
 *
 * @param address an ELF virtual address
 * @returns null where nothing is known of it
 * @throws SbError `library.missing`, `file.not_elf`, `file.not_found`
 */
export function lineOf(
  path: string,
  address: bigint,
  options: LineOptions = {},
): { source: string; line: number } | null {
  for (const file of filesWithLines(path, options)) {
    using dwarf = openDwarf(file);
    for (const unit of dwarf.units()) {
      const row = unit.covers(address) ? unit.rowAt(address) : null;
      if (row !== null) return { source: normalise(row.source), line: row.line };
    }
  }
  return null;
}
