/** A line with one bend through measurements in blocks: where it bends, and how steep it is before and after. Pure. */
import { type Blocks, type Column, dot } from "./blocks.ts";
import type { Random } from "./random.ts";
import { type Estimate, leftOver, sortedQuantile } from "./slope.ts";

/** Places that are tried for the bend. */
const KNEES = 128;

/** flat: level up to the bend; free: any slope up to it; known: level up to it, and a slope behind it that is known. */
export type BendForm = "flat" | "free" | "known";

/** A fit with a bend. */
export interface Bend {
  /** Where it bends, in units of x. */
  knee: number;
  /** Slope up to the bend; 0 where the form is flat. */
  before: number;
  /** Slope after it. */
  after: number;
  /** Sum of the squared residuals. */
  residual: number;
}

/** A bend and its 95 % intervals. */
export interface BendEstimate {
  knee: Estimate;
  before: Estimate;
  after: Estimate;
}

/** A place of the bend, and the column that it adds to the line. */
interface Candidate {
  knee: number;
  /** max(0, x − knee), centred; where the form is free, what of it a line does not explain. */
  column: Column;
  square: number;
  /** How much of a line is in max(0, x − knee). */
  share: number;
}

/** The search for the bend, prepared for one set of x. */
export class BendSearch {
  readonly #blocks: Blocks;
  readonly #form: BendForm;
  readonly #x: Column;
  readonly #squareX: number;
  readonly #known: number;
  readonly #candidates: readonly Candidate[];

  /**
   * @param levels the x of the cells, rising: the bend lies between the first and the last but one; where the slope behind it
   *   is known, before the last
   * @param known that slope
   */
  constructor(
    blocks: Blocks,
    { form, levels, known = 0 }: { form: BendForm; levels: readonly number[]; known?: number },
  ) {
    this.#known = known;
    this.#blocks = blocks;
    this.#form = form;
    this.#x = blocks.column(({ x }) => x);
    const first = levels[0];
    // A free slope before the bend takes two cells, and so does the one after it.
    const from = form === "free" ? levels[1] : first;
    const to = levels[levels.length - (form === "known" ? 1 : 2)];
    this.#squareX = dot(this.#x, this.#x);
    this.#candidates = Array.from(
      { length: KNEES },
      (_, index) => this.#candidate(from + (to - from) * index / (KNEES - 1)),
    ).filter(({ square }) => square > 1e-9 * this.#squareX);
  }

  #candidate(knee: number): Candidate {
    const column = this.#blocks.column(({ x }) => Math.max(0, x - knee));
    const share = this.#form === "free" ? dot(column, this.#x) / this.#squareX : 0;
    if (share !== 0) column.forEach((value, row) => column[row] = value - share * this.#x[row]);
    return { knee, column, square: dot(column, column), share };
  }

  /** Whether there are enough cells for a bend. */
  get isPossible(): boolean {
    return this.#candidates.length > 0;
  }

  /** The best fit. @param y centred */
  fit(y: Column): Bend {
    return this.#fit(y).bend;
  }

  #fit(y: Column): { bend: Bend; columns: Column[]; fitted: Column } {
    // By how much each place lessens the squares.
    const gains = this.#candidates.map(({ column, square }) => {
      const product = dot(column, y);
      return this.#form === "known"
        ? this.#known * (2 * product - this.#known * square)
        : product ** 2 / square;
    });
    const best = this.#between(gains);
    const steepness = this.#form === "known" ? this.#known : dot(best.column, y) / best.square;
    const line = this.#form === "free" ? dot(this.#x, y) / this.#squareX : 0;
    const fitted = y.map((_, row) => line * this.#x[row] + steepness * best.column[row]);
    let residual = 0;
    for (let row = 0; row < y.length; row++) residual += (y[row] - fitted[row]) ** 2;
    const before = this.#form === "free" ? line - steepness * best.share : 0;
    return {
      bend: { knee: best.knee, before, after: before + steepness, residual },
      columns: this.#form === "free" ? [this.#x, best.column] : [best.column],
      fitted,
    };
  }

  /** The best of those tried, or beside it, where a parabola through it and its neighbours has its top. */
  #between(gains: readonly number[]): Candidate {
    const at = gains.indexOf(Math.max(...gains));
    const best = this.#candidates[at];
    if (at === 0 || at === gains.length - 1) return best;
    const [before, top, after] = gains.slice(at - 1, at + 2);
    const curvature = before - 2 * top + after;
    if (!(curvature < 0)) return best;
    const step = this.#candidates[at + 1].knee - best.knee;
    return this.#candidate(best.knee + (before - after) / curvature / 2 * step);
  }

  /** The fit and its intervals: percentiles of a wild bootstrap that looks for the bend anew each time. */
  estimate(y: Column, { draws, random }: { draws: number; random: Random }): BendEstimate {
    const { bend, columns, fitted } = this.#fit(y);
    const left = leftOver(this.#blocks, columns);
    const drawn = new Float64Array(y.length);
    const again: Bend[] = [];
    for (let draw = 0; draw < draws; draw++) {
      for (let row = 0; row < y.length; row++) {
        drawn[row] = fitted[row] + (y[row] - fitted[row]) / left[row] * random.sign();
      }
      again.push(this.fit(this.#blocks.centre(drawn)));
    }
    const estimate = (field: "knee" | "before" | "after"): Estimate => {
      const values = again.map((other) => other[field]).sort((first, second) => first - second);
      return {
        value: bend[field],
        low: Math.min(bend[field], sortedQuantile(values, 0.025)),
        high: Math.max(bend[field], sortedQuantile(values, 0.975)),
      };
    };
    return { knee: estimate("knee"), before: estimate("before"), after: estimate("after") };
  }
}
