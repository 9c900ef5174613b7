/** The files of a sweep's results, by their common name. */
import { SbError, systemMessage } from "../core/mod.ts";
import { readResult, resultDocument } from "./report/mod.ts";
import type { SweepResult } from "./result.ts";

/** Paths of the files that a sweep may leave. */
export interface ResultPaths {
  /** The journal: a line a cell. */
  cells: string;
  /** What the cells say. */
  result: string;
  html: string;
  /** Of its pictures; a name of their own in place of `*.svg`. */
  svgs: string;
  cellsCsv: string;
  levelsCsv: string;
}

/** The paths of a sweep's files. @param results what they begin with */
export function resultPaths(results: string): ResultPaths {
  return {
    cells: `${results}.cells.ndjson`,
    result: `${results}.sweep.json`,
    html: `${results}.report.html`,
    svgs: `${results}.*.svg`,
    cellsCsv: `${results}.cells.csv`,
    levelsCsv: `${results}.levels.csv`,
  };
}

/** Refuses names that would make hidden files. @throws SbError `usage.sweep` */
export function checkResults(results: string): string {
  if (/[^/]$/.test(results) && !/(^|\/)\.{1,2}$/.test(results)) return results;
  throw new SbError("usage.sweep", `Cannot name results "${results}": their files would have no name`, {
    hint: `Write a name behind the folder: ${results}sweep`,
  });
}

/**
 * Refuses a file whose folder is not there: what is found out only when it is written would have cost the sweep.
 *
 * @throws SbError `output.unwritable`
 */
export function requireFolder(path: string): void {
  try {
    Deno.readDirSync(path.replace(/[^/]*$/, "") || ".");
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Writes a file at once: whoever reads it, at any time, sees all of it or what was there before. @throws SbError `output.unwritable` */
export function writeWhole(path: string, text: string): void {
  try {
    if (isReplaceable(path)) replaceFile(path, text);
    else Deno.writeTextFileSync(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Whether another file may take its place: not that of a device (`/dev/null`), a pipe or a link. */
function isReplaceable(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}

function replaceFile(path: string, text: string): void {
  const making = `${path}.${Deno.pid}.tmp`;
  try {
    using file = Deno.openSync(making, { write: true, create: true, truncate: true });
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
    // The name may reach the disk before the text does.
    file.syncDataSync();
    Deno.renameSync(making, path);
  } catch (error) {
    try {
      Deno.removeSync(making);
    } catch { /* it was not made */ }
    throw error;
  }
}

/** Writes `NAME.sweep.json`. @throws SbError `output.unwritable` */
export function writeResultFile(path: string, result: SweepResult, { version }: { version: string }): void {
  writeWhole(path, JSON.stringify(resultDocument(result, { version }), null, 2) + "\n");
}

/** Reads `NAME.sweep.json`. @returns null when there is none @throws SbError `sweep.journal`, `file.unreadable` */
export function readResultFile(path: string): SweepResult | null {
  const text = readText(path);
  if (text === null) return null;
  try {
    return readResult(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SbError("sweep.journal", `Cannot read "${path}": it is no JSON: ${error.message}`, {
      hint: "Remove it: --resume needs the cells only, unless the delays were chosen",
      data: { path },
    });
  }
}

/** Reads a file of results. @returns null when there is none @throws SbError `file.unreadable` */
export function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new SbError("file.unreadable", `Cannot read "${path}": ${systemMessage(error)}`, {
      hint: `See what it is, and who may read it: ls -ld ${path}`,
      cause: error,
    });
  }
}

/** The error of a results file that cannot be written. */
export function unwritable(path: string, error: unknown): SbError {
  return new SbError("output.unwritable", `Cannot write "${path}": ${systemMessage(error)}`, {
    hint: "Name another place: --results NAME, --html PATH",
    cause: error,
  });
}
