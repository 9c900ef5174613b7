/** Figures of values of which there may be a million: no argument list has so many. Pure. */
import { median } from "../../stats/mod.ts";

/** The least of the values and `bound`. */
export function leastOf(values: Iterable<number>, bound = Infinity): number {
  let least = bound;
  for (const value of values) if (value < least) least = value;
  return least;
}

/** The greatest of the values and `bound`. */
export function mostOf(values: Iterable<number>, bound = -Infinity): number {
  let most = bound;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** How far noise scatters: 1.4826 times the middle of the distances is a standard deviation of normal noise. */
export function scatterOf(residuals: readonly number[]): number {
  const middle = median(residuals);
  return 1.4826 * median(residuals.map((value) => Math.abs(value - middle)));
}

/** Runs that a picture of one function, and that of all of them, draws at the most. */
export const MOST_DOTS = { ofOne: 1000, ofAll: 5000 };

/** Every n-th value, so that there are `most` of them at the most: a page of a million dots opens nowhere. */
export function thinned<T>(values: readonly T[], most: number): T[] {
  const step = Math.max(1, Math.ceil(values.length / most));
  return values.filter((_, at) => at % step === 0);
}
