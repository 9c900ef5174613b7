/** A polygon through the levels of x, whatever the shape, by robust regression: what cells that something else disturbed look like. Pure. */
import { type Blocks, type Column, dot } from "./blocks.ts";
import { median } from "./summary.ts";

/** Residuals of more standard deviations than this count as so many (Huber, 1964). */
const BOUND = 2;
/** Turns of a fit at the most. */
const TURNS = 60;
/** A fit has settled when no residual moves by more than this share of the largest. */
const SETTLED = 1e-4;
/** Rows beyond the polygon's own parameters that a scale takes. */
const LEAST_FREEDOM = 8;
/** Standard deviation of a normal distribution over its median absolute deviation. */
const MAD_TO_DEVIATION = 1.4826;

/** What a robust fit of the polygon found. */
export interface Polygon {
  /** x of its corners: the median of each level, rising. */
  corners: readonly number[];
  /** y with its outliers brought in (below). */
  tamed: Column;
  /** Standard deviation of undisturbed rows around the polygon; 0 where it cannot be told. */
  scale: number;
  /** Rows that were brought in: indices into the rows of the blocks. */
  outliers: readonly number[];
  /** Sum of the squared residuals of what was brought in; Infinity where there are too few rows. */
  residual: number;
}

const rising = (first: number, second: number) => first - second;

/** The x of each level, those that are almost the same taken together. */
function cornersOf(blocks: Blocks): number[] {
  const levels = [...Map.groupBy(blocks.rows, ({ level }) => level).values()].map((rows) =>
    median(rows.map(({ x }) => x))
  ).sort(rising);
  const apart = (levels[levels.length - 1] - levels[0]) / 1000;
  return levels.filter((x, index) => index === 0 || x - levels[index - 1] > apart);
}

/** A row of the design: how much of each corner but the first is in a polygon's value at x; straight on beyond the ends. */
function hats(x: number, corners: readonly number[]): Float64Array {
  const row = new Float64Array(corners.length - 1);
  if (row.length === 0) return row;
  let right = 1;
  while (right < corners.length - 1 && x > corners[right]) right++;
  const share = (x - corners[right - 1]) / (corners[right] - corners[right - 1]);
  row[right - 1] = share;
  if (right > 1) row[right - 2] = 1 - share;
  return row;
}

/** Solves a symmetric positive definite system by Cholesky's method; directions without data get 0. Both are overwritten. */
function solve(matrix: Float64Array[], vector: Float64Array): Float64Array {
  const size = vector.length;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row][column];
      for (let k = 0; k < column; k++) sum -= matrix[row][k] * matrix[column][k];
      if (row > column) matrix[row][column] = matrix[column][column] > 0 ? sum / matrix[column][column] : 0;
      else matrix[row][row] = sum > 1e-12 * matrix[row][row] ? Math.sqrt(sum) : 0;
    }
  }
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) vector[row] -= matrix[row][k] * vector[k];
    vector[row] = matrix[row][row] > 0 ? vector[row] / matrix[row][row] : 0;
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) vector[row] -= matrix[k][row] * vector[k];
    vector[row] = matrix[row][row] > 0 ? vector[row] / matrix[row][row] : 0;
  }
  return vector;
}

/** Residuals of the weighted least squares fit, each block having a level of its own. */
function residualsOf(blocks: Blocks, design: readonly Float64Array[], weights: Column): Column {
  const size = design[0].length;
  const centred = Array.from(
    { length: size },
    (_, corner) => blocks.centre(Float64Array.from(design, (row) => row[corner]), weights),
  );
  const y = blocks.centre(Float64Array.from(blocks.rows, (row) => row.y), weights);
  const matrix = centred.map(() => new Float64Array(size));
  const vector = new Float64Array(size);
  for (let row = 0; row < y.length; row++) {
    for (let first = 0; first < size; first++) {
      const weighted = weights[row] * centred[first][row];
      if (weighted === 0) continue;
      vector[first] += weighted * y[row];
      for (let second = 0; second <= first; second++) {
        matrix[first][second] += weighted * centred[second][row];
      }
    }
  }
  const values = solve(matrix, vector);
  return y.map((value, row) =>
    values.reduce((left, factor, corner) => left - factor * centred[corner][row], value)
  );
}

/** Fits again and again, with weights that follow from the residuals before, until these stay. */
function settle(
  { blocks, design, from }: { blocks: Blocks; design: readonly Float64Array[]; from: Column },
  weigh: (size: number, row: number) => number,
): Column {
  let residuals = from;
  for (let turn = 0; turn < TURNS; turn++) {
    const next = residualsOf(blocks, design, residuals.map((size, row) => weigh(Math.abs(size), row)));
    let moved = 0;
    let largest = 0;
    for (let row = 0; row < next.length; row++) {
      moved = Math.max(moved, Math.abs(next[row] - residuals[row]));
      largest = Math.max(largest, Math.abs(next[row]));
    }
    residuals = next;
    if (moved <= SETTLED * largest) break;
  }
  return residuals;
}

/**
 * Residuals of the fit with the least sum of absolute deviations: whatever a few rows are, it follows the others. Deviations
 * count by their squares below a size that shrinks turn by turn: a row that happened to fit early would never leave again.
 */
function leastDeviations(blocks: Blocks, design: readonly Float64Array[]): Column {
  let residuals = residualsOf(blocks, design, new Float64Array(design.length).fill(1));
  const whole = Math.sqrt(dot(residuals, residuals) / residuals.length);
  for (let least = whole; least > 1e-6 * whole; least /= 1.4) {
    residuals = residualsOf(blocks, design, residuals.map((size) => 1 / Math.max(least, Math.abs(size))));
  }
  return residuals;
}

/** Standard deviation of a normal distribution with such deviations; 0 of none. */
function deviation(sizes: Iterable<number>): number {
  return MAD_TO_DEVIATION * median([...sizes]);
}

/**
 * Fits a polygon with a corner at each level, and a level for each block, by Huber's M-estimator, and brings outliers in: each y
 * becomes the pseudo-value with which least squares gives what the M-estimator gives, and has its variance (Bickel, 1976).
 * What a neighbour of the machine adds to a cell now and then so hardly counts, and is no less likely under one delay than
 * under another.
 */
export function fitPolygon(blocks: Blocks): Polygon {
  const corners = cornersOf(blocks);
  const y = Float64Array.from(blocks.rows, (row) => row.y);
  const freedom = blocks.rows.length - blocks.count - (corners.length - 1);
  if (freedom < LEAST_FREEDOM || corners.length < 2) {
    return { corners, tamed: y, scale: 0, outliers: [], residual: Infinity };
  }
  const design = blocks.rows.map(({ x }) => hats(x, corners));
  const levels = [...Map.groupBy(blocks.rows.keys(), (row) => blocks.rows[row].level)].sort((
    [one],
    [other],
  ) => one - other).map(([, rows]) => rows);
  const from = leastDeviations(blocks, design);
  // A fit of absolute deviations passes through as many rows as it has parameters: they tell nothing of the noise.
  const sizes = from.map(Math.abs);
  const least = [...sizes].sort(rising)[y.length - freedom];
  const scale = deviation(sizes.filter((size) => size >= least));
  if (!(scale > 0)) return { corners, tamed: y, scale: 0, outliers: [], residual: Infinity };
  const usual = Math.max(deviation(sizes), Number.MIN_VALUE);
  const bounds = new Float64Array(y.length);
  for (const [index, rows] of levels.entries()) {
    // Where noise grows with x, what is usual there is no outlier.
    const near = levels.slice(Math.max(0, index - 1), index + 2).flat();
    const own = scale * deviation(near.map((row) => sizes[row])) / usual;
    for (const row of rows) bounds[row] = BOUND * Math.max(scale, own);
  }
  const residuals = settle({ blocks, design, from }, (size, row) => Math.min(1, bounds[row] / size));
  const outliers = [...residuals.keys()].filter((row) => Math.abs(residuals[row]) > bounds[row]);
  const within = 1 - outliers.length / y.length;
  const left = residuals.map((size, row) => Math.max(-bounds[row], Math.min(bounds[row], size)) / within);
  const tamed = y.map((value, row) => value - residuals[row] + left[row]);
  return { corners, tamed, scale, outliers, residual: dot(left, left) };
}
