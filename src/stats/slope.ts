/** The slope of a line through measurements in blocks, with its interval. Pure. */
import { type Blocks, type Column, dot } from "./blocks.ts";
import type { Random } from "./random.ts";
import { studentQuantile } from "./student.ts";

/** With fewer degrees of freedom the signs of residuals have too few combinations to draw from. */
const LEAST_FREEDOM = 8;

/** A value and its 95 % confidence interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** A line through centred columns. */
export interface Line {
  slope: number;
  residuals: Column;
  /** Sum of the squared residuals. */
  residual: number;
}

/** Fits y = slope · x. Both columns are centred by block. */
export function fitLine(x: Column, y: Column): Line {
  const slope = dot(x, y) / dot(x, x);
  const residuals = y.map((value, row) => value - slope * x[row]);
  return { slope, residuals, residual: dot(residuals, residuals) };
}

/**
 * By how much each residual is too small, since its row had a part in the fit: one less its leverage (MacKinnon and
 * White, 1985: HC3).
 */
export function leftOver(blocks: Blocks, columns: readonly Column[]): Column {
  const free = blocks.freedom();
  const squares = columns.map((column) => dot(column, column));
  return free.map((freedom, row) =>
    Math.max(
      0.1,
      columns.reduce(
        (left, column, index) => left - (squares[index] > 0 ? column[row] ** 2 / squares[index] : 0),
        freedom,
      ),
    )
  );
}

/** The standard error of a slope that holds when noise differs from cell to cell (HC3). */
function standardError(x: Column, residuals: Column, left: Column): number {
  let sum = 0;
  for (let row = 0; row < x.length; row++) sum += (residuals[row] * x[row] / left[row]) ** 2;
  return Math.sqrt(sum) / dot(x, x);
}

function studentInterval(
  { slope, residual }: Line,
  { x, freedom }: { x: Column; freedom: number },
): Estimate {
  if (freedom < 1) return { value: slope, low: -Infinity, high: Infinity };
  const reach = studentQuantile(0.95, freedom) * Math.sqrt(residual / freedom / dot(x, x));
  return { value: slope, low: slope - reach, high: slope + reach };
}

/** The value below which a share of the sorted values lies. */
export function sortedQuantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * The slope and its 95 % interval: a wild bootstrap of the studentised slope (Wu, 1986; Davidson and Flachaire, 2008: the
 * sign of each residual is drawn anew), which keeps its level for a few blocks, for skewed noise and for noise that grows
 * with x, where resampling whole blocks does not. Of very few measurements it is Student's interval, which asks for normal noise.
 *
 * @param draws of the bootstrap
 */
export function estimateSlope(
  blocks: Blocks,
  { x, y, draws, random }: { x: Column; y: Column; draws: number; random: Random },
): Estimate {
  const line = fitLine(x, y);
  const freedom = y.length - blocks.count - 1;
  if (freedom < LEAST_FREEDOM) return studentInterval(line, { x, freedom });
  const left = leftOver(blocks, [x]);
  const error = standardError(x, line.residuals, left);
  if (!(error > 0)) return { value: line.slope, low: line.slope, high: line.slope };
  const ratios: number[] = [];
  const drawn = new Float64Array(y.length);
  const square = dot(x, x);
  for (let draw = 0; draw < draws; draw++) {
    for (let row = 0; row < y.length; row++) drawn[row] = line.residuals[row] / left[row] * random.sign();
    // What is drawn stands around a slope of 0: the ratios are the same as around the line's.
    const product = dot(x, blocks.centre(drawn));
    let variance = 0;
    for (let row = 0; row < y.length; row++) {
      variance += ((drawn[row] - product / square * x[row]) * x[row] / left[row]) ** 2;
    }
    ratios.push(product / Math.sqrt(variance));
  }
  ratios.sort((first, second) => first - second);
  return {
    value: line.slope,
    low: line.slope - sortedQuantile(ratios, 0.975) * error,
    high: line.slope - sortedQuantile(ratios, 0.025) * error,
  };
}
