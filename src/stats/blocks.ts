/** Measurements in blocks: what is common to a block (its place in time, what else the machine did) cancels. Pure. */

/** One measurement: a result y, when the program had been slowed by x. */
export interface Measurement {
  /** Measurements of one block were made close together. */
  block: number;
  /** What was asked for: rows of one level are repeats, though their x may differ. */
  level: number;
  x: number;
  y: number;
}

/** Columns of equal length, each row a measurement. */
export type Column = Float64Array;

/** Which rows belong together; rows that are alone in their block are left out, since they say nothing of a difference. */
export class Blocks {
  /** The measurements that count, block by block. */
  readonly rows: readonly Measurement[];
  readonly #ranges: readonly (readonly [number, number])[];

  constructor(measurements: readonly Measurement[]) {
    const groups = [...Map.groupBy(measurements, ({ block }) => block).values()].filter((rows) =>
      rows.length > 1
    );
    this.rows = groups.flat();
    let start = 0;
    this.#ranges = groups.map((rows): [number, number] => [start, start += rows.length]);
  }

  /** How many blocks there are. */
  get count(): number {
    return this.#ranges.length;
  }

  /** Subtracts from each row its block's mean, in place. @param weights of the rows in the mean */
  centre(column: Column, weights?: Column): Column {
    for (const [start, end] of this.#ranges) {
      let sum = 0;
      let weight = 0;
      for (let row = start; row < end; row++) {
        sum += column[row] * (weights?.[row] ?? 1);
        weight += weights?.[row] ?? 1;
      }
      const mean = sum / weight;
      for (let row = start; row < end; row++) column[row] -= mean;
    }
    return column;
  }

  /** A centred column of a function of the measurements. */
  column(of: (row: Measurement) => number): Column {
    return this.centre(Float64Array.from(this.rows, of));
  }

  /** 1 − 1/(size of the row's block): what a block's mean leaves of a row's own deviation. */
  freedom(): Column {
    const freedom = new Float64Array(this.rows.length);
    for (const [start, end] of this.#ranges) freedom.fill(1 - 1 / (end - start), start, end);
    return freedom;
  }
}

/** The sum of products. */
export function dot(first: Column, second: Column): number {
  let sum = 0;
  for (let row = 0; row < first.length; row++) sum += first[row] * second[row];
  return sum;
}
