/** What results under one level differ by from those under the lowest, block by block. Pure. */
import { Blocks, type Measurement } from "./blocks.ts";
import { fitPolygon } from "./polygon.ts";
import { randomFrom } from "./random.ts";
import { type Estimate, estimateSlope } from "./slope.ts";

const DRAWS = 499;

/** A level beside the lowest. */
export interface LevelDifference {
  level: number;
  /** Mean of y, its outliers brought in. */
  mean: number;
  /** From the lowest level's y in the same blocks, with its 95 % interval; null at the lowest, and without two blocks. */
  difference: Estimate | null;
}

/**
 * The levels of measurements, rising.
 *
 * @param draws of the bootstrap
 */
export function compareLevels(
  measurements: readonly Measurement[],
  { draws = DRAWS, seed = 1 }: { draws?: number; seed?: number } = {},
): LevelDifference[] {
  const blocks = new Blocks(measurements);
  const { tamed } = fitPolygon(blocks);
  const rows = blocks.rows.map((row, index): Measurement => ({ ...row, y: tamed[index] }));
  const levels = [...Map.groupBy(rows, ({ level }) => level)].sort(([one], [other]) => one - other);
  return levels.map(([level, own], index) => {
    const mean = own.reduce((sum, { y }) => sum + y, 0) / own.length;
    if (index === 0) return { level, mean, difference: null };
    const pairs = new Blocks(
      [...levels[0][1].map((row) => ({ ...row, x: 0 })), ...own.map((row) => ({ ...row, x: 1 }))],
    );
    if (pairs.count < 2) return { level, mean, difference: null };
    const x = pairs.column((row) => row.x);
    const y = pairs.column((row) => row.y);
    return { level, mean, difference: estimateSlope(pairs, { x, y, draws, random: randomFrom(seed) }) };
  });
}
