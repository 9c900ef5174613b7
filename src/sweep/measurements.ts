/** Cells as measurements: what was added to each, and what came of it. Pure. */
import { mean, type Measurement } from "../stats/mod.ts";
import { isTime } from "./metric.ts";
import type { CellRecord, Metric } from "./model.ts";

/** A cell that can be analysed. */
export type UsableCell = CellRecord & { result: number };

/** Cells with a result. */
export function usableCells(records: readonly CellRecord[]): UsableCell[] {
  return records.filter((record): record is UsableCell => record.exit === 0 && record.result !== null);
}

/** The time that probes added to a cell: delays, and the floor of hits that were not delayed. Nanoseconds. */
function addedOf({ addedNs, overheadNs }: CellRecord): number {
  return addedNs + overheadNs;
}

/** The time added to cells of one target beyond what its breakpoint alone costs a run. */
export function addedBeyondBase(cells: readonly CellRecord[]): (cell: CellRecord) => number {
  const base = mean(cells.filter(({ delayNs }) => delayNs === 0).map(addedOf)) || 0;
  return (cell) => addedOf(cell) - base;
}

/** Nanoseconds in a unit of x: sensitivities of what is no time are per second. */
export function unitOf(metric: Metric): number {
  return isTime(metric) ? 1 : 1e9;
}

/** The cells of one target as measurements. */
export function measurementsOf(cells: readonly UsableCell[], metric: Metric): Measurement[] {
  const added = addedBeyondBase(cells);
  return cells.map((cell): Measurement => ({
    block: cell.repeat,
    level: cell.delayNs,
    x: added(cell) / unitOf(metric),
    y: cell.result,
  }));
}

/**
 * Result per unit of x of a program that does nothing but wait for what is added: 1 of time metrics, otherwise what a second
 * more of the run costs a rate; 0 where no run without a delay has a result.
 */
export function fullSlope(cells: readonly UsableCell[], metric: Metric): number {
  if (isTime(metric)) return 1;
  const bare = cells.filter(({ delayNs }) => delayNs === 0);
  const full = Math.abs(mean(bare.map(({ result }) => result))) /
    (mean(bare.map(({ wallNs }) => wallNs)) / 1e9);
  return Number.isFinite(full) ? full : 0;
}
