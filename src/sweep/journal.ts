/** The journal of an experiment: a line a cell, appended as the cell ends, so that no end of anything loses a cell. */
import { SbError } from "../core/mod.ts";
import type { CellRecord } from "./model.ts";

/** What stands in a line, by its member: where it is in the record, and what it may be. */
const MEMBERS = {
  schema: "schema",
  experiment: "experiment",
  cell: "cell",
  target: "target",
  delay_ns: "delayNs",
  repeat: "repeat",
  seed: "seed",
  started: "started",
  exit: "exit",
  result: "result",
  wall_ns: "wallNs",
  user_ns: "userNs",
  sys_ns: "sysNs",
  hits: "hits",
  delayed: "delayed",
  added_ns: "addedNs",
  overhead_ns: "overheadNs",
  floor_ns: "floorNs",
  misses: "misses",
} as const satisfies Record<string, keyof CellRecord>;
const TEXTS: ReadonlySet<string> = new Set(["experiment", "cell", "target", "started"]);
const NULLABLE: ReadonlySet<string> = new Set(["exit", "result"]);

/** A record as a line, with its end. */
export function journalLine(record: CellRecord): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(MEMBERS).map(([name, key]) => [name, record[key]])),
  ) + "\n";
}

function parseLine(line: string): CellRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== "object" || value === null) return null;
  const members = value as Record<string, unknown>;
  const fits = Object.keys(MEMBERS).every((name) => {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member === null) return NULLABLE.has(name);
    return TEXTS.has(name) ? typeof member === "string" : typeof member === "number";
  });
  if (!fits || members.schema !== 1) return null;
  return Object.fromEntries(
    Object.entries(MEMBERS).map(([name, key]) => [key, members[name]]),
  ) as unknown as CellRecord;
}

/**
 * Reads a journal. A last line without its end is what a crash cut off: the cell is to be run again.
 *
 * @param path as errors name it
 * @param experiment the hash that its lines must have
 * @returns the records, and how much of the text is whole
 * @throws SbError `sweep.journal` for lines that are none, and for those of another experiment
 */
export function parseJournal(
  text: string,
  { path, experiment }: { path: string; experiment: string },
): { records: CellRecord[]; wholeLength: number } {
  const wholeLength = text.lastIndexOf("\n") + 1;
  const lines = text.slice(0, wholeLength).split("\n").slice(0, -1);
  const records = lines.map((line, index) => {
    const record = parseLine(line);
    if (record === null) {
      throw new SbError("sweep.journal", `Cannot go on with "${path}": line ${index + 1} is no cell`, {
        hint: "Name another file with --results, or remove the line",
        data: { path, line: index + 1 },
      });
    }
    if (record.experiment !== experiment) {
      throw new SbError("sweep.journal", `Cannot go on with "${path}": it is of another experiment`, {
        hint: "Name another file with --results; command, metric, targets and seed make an experiment",
        data: { path, line: index + 1, experiment: record.experiment, expected: experiment },
      });
    }
    return record;
  });
  return { records, wholeLength };
}
