/** When an adaptive sweep knows enough. Pure. */
import { fullSlope, usableCells } from "./measurements.ts";
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
    const cells = usableCells(records.filter(({ target }) => target === name));
    return sensitivity.high - sensitivity.low <= until * fullSlope(cells, metric);
  });
}
