/** What a faster function would give: the response at today's speed, followed to the other side of it. Pure. */
import type { Response } from "../stats/mod.ts";
import { isTime } from "./metric.ts";
import type { Metric } from "./model.ts";
import type { Gain } from "./result.ts";

/** The share of a function's time that is taken away. */
const SHARE = 0.5;

/** What the extrapolation stands on. */
interface GainBasis {
  response: Response | null;
  metric: Metric;
  /** What the function takes in a run, nanoseconds; null where that is not known, 0 where the breakpoints took all of it. */
  functionNs: number | null;
  /** The result without a delay. */
  result: number;
}

/**
 * The change of the result if the function took half its time: the slope at today's speed times the time taken away. Where
 * that slope is level the change is 0, with what the interval of the slope leaves open. No time falls below 0.
 *
 * @returns null where the function's time or the slope is not known, and for `user+sys`: the time that delays spin is taken
 *   off there, so that the slope says nothing of the function's own time
 */
export function extrapolateGain({ response, metric, functionNs, result }: GainBasis): Gain | null {
  if (response === null || !functionNs || metric.kind === "cpu") return null;
  const takenAway = SHARE * functionNs / (isTime(metric) ? 1 : 1e9);
  const isLevel = response.shape === "hidden" || response.shape === "threshold";
  const { value, low, high } = response.slope;
  const slopes = isLevel ? [0, Math.min(0, low), Math.max(0, high)] : [value, low, high];
  const [change, first, second] = slopes.map((slope) => {
    const change = slope === 0 ? 0 : -slope * takenAway;
    return isTime(metric) ? Math.max(change, -result) : change;
  });
  return {
    value: change,
    low: Math.min(first, second),
    high: Math.max(first, second),
    result: result + change,
    functionNs,
  };
}
