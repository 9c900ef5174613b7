/** When an adaptive sweep knows enough. Pure. */
import { isTime } from "./metric.ts";
import type { CellRecord, Metric } from "./model.ts";
import type { TargetResult } from "./result.ts";

/**
 * Whether the interval of each target's sensitivity is narrow enough. Where the result is no time, a sensitivity is
 * compared with that of a program which does nothing but wait for the time added: result/time.
 *
 * @param until the greatest width: 0.05 is ± 2.5 % of "every nanosecond counts"
 */
export function isNarrow(
  targets: readonly TargetResult[],
  { until, metric, records }: { until: number; metric: Metric; records: readonly CellRecord[] },
): boolean {
  return targets.every(({ name, sensitivity, hitsPerRun }) => {
    if (sensitivity === null) return hitsPerRun === 0;
    const scale = isTime(metric) ? 1 : rateOf(records.filter(({ target }) => target === name));
    return sensitivity.high - sensitivity.low <= until * scale;
  });
}

/** Results a second of the runs without a delay. */
function rateOf(records: readonly CellRecord[]): number {
  const cells = records.filter(({ delayNs, exit, result }) => delayNs === 0 && exit === 0 && result !== null);
  const results = cells.reduce((sum, { result }) => sum + (result ?? 0), 0);
  const seconds = cells.reduce((sum, { wallNs }) => sum + wallNs / 1e9, 0);
  return seconds > 0 ? Math.abs(results / seconds) : 0;
}
