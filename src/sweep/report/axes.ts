/** Scales of axes: units that fit what is drawn, and ranges that one disturbed cell does not stretch. Pure. */
import { isTime } from "../metric.ts";
import type { Metric } from "../model.ts";
import type { Curve } from "./curve.ts";
import { leastOf, mostOf, scatterOf } from "./samples.ts";
import { metricName } from "./words.ts";

/** A unit: values are divided by its size. */
export interface Unit {
  size: number;
  name: string;
}

/** The unit of time in which so many nanoseconds are 1 to 1,000. */
export function timeUnit(ns: number): Unit {
  if (ns >= 2e9) return { size: 1e9, name: "s" };
  if (ns >= 2e6) return { size: 1e6, name: "ms" };
  return ns >= 2e3 ? { size: 1e3, name: "µs" } : { size: 1, name: "ns" };
}

/** The unit of results, and what the axis says. */
export function resultUnit(metric: Metric, size: number): Unit {
  return isTime(metric) ? timeUnit(size) : { size: 1, name: "" };
}

/** `Change of wall time (ms)` */
export function axisName(what: string, unit: Unit): string {
  return unit.name === "" ? what : `${what} (${unit.name})`;
}

/** What is measured, short enough for an axis. */
export function shortMetric(metric: Metric): string {
  const name = metricName(metric);
  return name.length > 28 ? "the result" : name;
}

/** From least to most. */
export type Range = [least: number, most: number];

/** A range with room on both sides. */
export function widened([least, most]: Range, share: number): Range {
  const room = (most - least || Math.abs(most) || 1) * share;
  return [least - room, most + room];
}

/** What is flat shall look flat: the picture is at least this high, as a share of the time added. */
const LEAST_HEIGHT = 0.12;

/** The range of y that shows all but cells far outside of their levels' noise. */
export function rangeOf({ cells, levels, fit, whole, spanNs }: Curve): Range {
  const middles = new Map(levels.map(({ delayNs, y }) => [delayNs, y]));
  const scatter = scatterOf(cells.map(({ y, record }) => y - (middles.get(record.delayNs) ?? y)));
  const near = cells.filter(({ y, record }) =>
    Math.abs(y - (middles.get(record.delayNs) ?? y)) <= 5 * scatter
  );
  const least = LEAST_HEIGHT * (whole ?? 0) * spanNs;
  const values = [
    -least,
    least,
    ...near.map(({ y }) => y),
    ...fit.map(({ y }) => y),
    ...levels.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]),
  ];
  return [leastOf(values), mostOf(values)];
}
