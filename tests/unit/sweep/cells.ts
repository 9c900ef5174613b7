/** Cells of programs of known behaviour, as a sweep would have measured them. */
import { randomFrom } from "../../../src/stats/mod.ts";
import type { CellRecord } from "../../../src/sweep/model.ts";

const DELAYS = [0, 1000, 2000, 5000, 10_000, 20_000];
/** Blocks of them. */
export const BLOCKS = 8;
/** Calls of the function in a run. */
export const HITS = 10_000;
const FLOOR_NS = 700;

/** What a program does. */
export interface Program {
  /** Nanoseconds of the run when so many were added. */
  wallNs: (addedNs: number) => number;
  result?: (wallNs: number) => number;
  hits?: (delayNs: number, block: number) => number;
  edit?: (record: CellRecord) => Partial<CellRecord>;
}

/** Cells of a program, with noise of a thousandth. */
export function cellsOf(
  target: string,
  { wallNs, result = (ns) => ns, hits = () => HITS, edit }: Program,
): CellRecord[] {
  const random = randomFrom(42);
  const noise = () => (random.fraction() - 0.5) * 2e6;
  return Array.from({ length: BLOCKS }, (_, repeat) =>
    DELAYS.map((delayNs): CellRecord => {
      const calls = hits(delayNs, repeat);
      const addedNs = calls * delayNs;
      const overheadNs = delayNs === 0 ? calls * FLOOR_NS : 0;
      const ns = wallNs(addedNs + overheadNs) + noise();
      const record: CellRecord = {
        schema: 1,
        experiment: "x",
        cell: `${repeat}.${target}.${delayNs}`,
        target,
        delayNs,
        repeat,
        seed: 1,
        started: "2026-01-02T03:04:05.678Z",
        exit: 0,
        result: result(ns),
        wallNs: ns,
        userNs: ns,
        sysNs: 0,
        hits: calls,
        delayed: calls,
        addedNs,
        overheadNs,
        floorNs: FLOOR_NS,
        misses: 0,
      };
      return { ...record, ...edit?.(record) };
    })).flat();
}
