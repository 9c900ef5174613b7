/** What a benchmark yields: a figure, the bound it must hold, and how it is printed. */

/** One row of the table. */
export interface Figure {
  /** What was measured: "added delay, asked 5us, push". */
  name: string;
  /** The measured value, mostly a ratio within one run. */
  value: number;
  /** The greatest value allowed; `atLeast` turns it round. */
  bound: number;
  atLeast?: boolean;
  unit: "ratio" | "ms" | "%" | "ns" | "count";
  /** What the value is made of. */
  detail: string;
}

/** A group of figures; `run` yields each as it is known. */
export interface Benchmark {
  name: string;
  run(): AsyncIterable<Figure>;
}

/** Whether a figure holds its bound. */
export function holds({ value, bound, atLeast }: Figure): boolean {
  return atLeast ? value >= bound : value <= bound;
}

/** The middle value; of an even number, the upper one of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((x, y) => x - y)[values.length >> 1];
}

const DIGITS: Record<Figure["unit"], number> = { ratio: 3, ms: 1, "%": 1, ns: 0, count: 0 };

/** A row: verdict, name, value and bound, detail. */
export function figureLine(figure: Figure): string {
  const { name, value, bound, atLeast, unit, detail } = figure;
  const suffix = unit === "ratio" || unit === "count" ? "" : ` ${unit}`;
  const text = (number: number) => `${Number(number.toFixed(DIGITS[unit]))}${suffix}`;
  const verdict = holds(figure) ? "ok  " : "FAIL";
  return `${verdict} ${name.padEnd(58)} ${text(value).padStart(10)}  ${atLeast ? "≥" : "≤"} ${
    text(bound).padEnd(9)
  } ${detail}`;
}
