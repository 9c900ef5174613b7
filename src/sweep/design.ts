/** The design of an experiment: blocks in which each cell comes once, in random order. Pure. */
import { randomFrom, shuffled } from "../stats/mod.ts";
import type { Cell, CellRecord, Experiment } from "./model.ts";

/** The identity of a cell. */
export function cellId({ block, target, delayNs }: Omit<Cell, "id">): string {
  return `${block}.${target}.${delayNs}`;
}

/**
 * The cells of one block, each target under each delay, in an order of their own: what drifts during the experiment (clock
 * rates, caches, neighbours) then falls on all of them alike.
 *
 * @param block from 0
 * @param delaysNs by target, 0 among them: every target needs its own cell without a delay, since its breakpoint costs too
 */
export function planBlock(
  { targets, seed }: Pick<Experiment, "targets" | "seed">,
  { block, delaysNs }: { block: number; delaysNs: DelaysOf },
): Cell[] {
  const cells = targets.flatMap(({ name }) =>
    delaysNs[name].map((delayNs): Cell => {
      const cell = { block, target: name, delayNs };
      return { id: cellId(cell), ...cell };
    })
  );
  // Blocks are independent of each other, so that a sweep that goes on later has the order that it would have had.
  return shuffled(cells, randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(block + 1, 0x85ebca6b)));
}

/** Target → its delays, rising from 0, nanoseconds. */
export type DelaysOf = Readonly<Record<string, readonly number[]>>;

/** Cells of so many blocks. */
export function countPlanned(delaysNs: DelaysOf, blocks: number): number {
  return blocks * Object.values(delaysNs).reduce((sum, delays) => sum + delays.length, 0);
}

/** How many of the cells of so many blocks are among the records. */
export function countDone(records: readonly CellRecord[], delaysNs: DelaysOf, blocks: number): number {
  const done = records.filter(({ target, delayNs, repeat }) =>
    repeat < blocks && Object.hasOwn(delaysNs, target) && delaysNs[target].includes(delayNs)
  );
  return new Set(done.map(({ cell }) => cell)).size;
}

/** The delays that records have, where their first block is whole: another has begun. Null where it is not. */
export function delaysOfRecords(records: readonly CellRecord[]): DelaysOf | null {
  if (!records.some(({ repeat }) => repeat > 0)) return null;
  return Object.fromEntries(
    [...Map.groupBy(records, ({ target }) => target)].map(([target, own]) => [
      target,
      [...new Set(own.map(({ delayNs }) => delayNs))].sort((first, second) => first - second),
    ]),
  );
}
