/** Cells and levels as comma-separated values (RFC 4180), with the names of the journal and of the document. Pure. */
import type { CellRecord } from "../model.ts";
import type { SweepResult } from "../result.ts";

type Value = string | number | null;

/** A field; numbers that are none are empty. */
function field(value: Value): string {
  if (value === null || (typeof value === "number" && !Number.isFinite(value))) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(titles: readonly string[], rows: readonly (readonly Value[])[]): string {
  return [titles, ...rows].map((row) => row.map(field).join(",") + "\r\n").join("");
}

const CELL_COLUMNS: Readonly<Record<string, (record: CellRecord) => Value>> = {
  cell: ({ cell }) => cell,
  target: ({ target }) => target,
  delay_ns: ({ delayNs }) => delayNs,
  repeat: ({ repeat }) => repeat,
  seed: ({ seed }) => seed,
  started: ({ started }) => started,
  exit: ({ exit }) => exit,
  result: ({ result }) => result,
  wall_ns: ({ wallNs }) => wallNs,
  user_ns: ({ userNs }) => userNs,
  sys_ns: ({ sysNs }) => sysNs,
  hits: ({ hits }) => hits,
  delayed: ({ delayed }) => delayed,
  added_ns: ({ addedNs }) => addedNs,
  overhead_ns: ({ overheadNs }) => overheadNs,
  floor_ns: ({ floorNs }) => floorNs,
  misses: ({ misses }) => misses,
};

/** A line a cell, in the order in which they ran. */
export function cellsCsv(records: readonly CellRecord[]): string {
  return csv(
    Object.keys(CELL_COLUMNS),
    records.map((record) => Object.values(CELL_COLUMNS).map((read) => read(record))),
  );
}

/** A line a target and delay; targets as they were asked for, delays rising. */
export function levelsCsv({ targets }: Pick<SweepResult, "targets">): string {
  return csv(
    [
      "target",
      "delay_ns",
      "cells",
      "added_ns",
      "result",
      "difference",
      "difference_low",
      "difference_high",
      "deviation",
      "hits",
    ],
    targets.flatMap(({ name, levels }) =>
      levels.map((level) => [
        name,
        level.delayNs,
        level.cells,
        level.addedNs,
        level.result,
        level.difference?.value ?? null,
        level.difference?.low ?? null,
        level.difference?.high ?? null,
        level.deviation,
        level.hits,
      ])
    ),
  );
}
