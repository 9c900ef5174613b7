/** Figures in deterministic guest time: printed, and held against their bounds. */
import { type Figure, figureLine, holds } from "../../bench/figure.ts";

/** Prints figures. @throws with those that do not hold */
export function check(figures: readonly Figure[]): void {
  for (const figure of figures) console.log(figureLine(figure));
  const broken = figures.filter((figure) => !holds(figure));
  if (broken.length > 0) throw new Error(`out of bounds:\n${broken.map(figureLine).join("\n")}`);
}

/** Prints what was measured and has no bound. */
export function note(name: string, text: string): void {
  console.log(`     ${name.padEnd(58)} ${text}`);
}

/** A time for people: `1500` → `1.5 µs`. @param ns nanoseconds */
export function duration(ns: number): string {
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]] as const) {
    if (Math.abs(ns) >= size) return `${Number((ns / size).toPrecision(4))} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}
