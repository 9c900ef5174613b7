/** From cells to answers: sensitivity, class, slack, gain, warnings, ranking. Pure. */
import { type Estimate, judgeResponse, mean, type Response } from "../stats/mod.ts";
import { extrapolateGain } from "./gain.ts";
import { summariseLevels } from "./levels.ts";
import { fullSlope, measurementsOf, unitOf, type UsableCell, usableCells } from "./measurements.ts";
import type { CellRecord, Experiment, Metric } from "./model.ts";
import type { Analysis, TargetResult } from "./result.ts";
import { sweepWarnings, targetWarnings } from "./warnings.ts";

/** A slope of this share of "every nanosecond counts" does not matter. */
const NEGLIGIBLE = 0.1;
/**
 * What a delay does beside taking time, as a share of "every nanosecond counts": caches that it leaves cold, what the kernel
 * did meanwhile on the way back to the program and on other processors. Measured by `scripts/bench sweep_truth`.
 */
const SIDE_EFFECT = 0.005;

function scaled(estimate: Estimate, factor: number): Estimate {
  return { value: estimate.value * factor, low: estimate.low * factor, high: estimate.high * factor };
}

function widened({ value, low, high }: Estimate, by: number): Estimate {
  return { value, low: low - by, high: high + by };
}

/** The response, its intervals with room for what a delay does beside taking time. */
function judgeCells(
  cells: readonly UsableCell[],
  { metric, seed }: { metric: Metric; seed: number },
): Response | null {
  const full = fullSlope(cells, metric);
  const response = judgeResponse(measurementsOf(cells, metric), {
    negligible: NEGLIGIBLE * full,
    seed,
    // What was hidden and no longer is counts fully, as a rule.
    ...(metric.kind === "wall" ? { full } : {}),
  });
  if (response === null) return null;
  const { slope, beyond, bend } = response;
  return {
    ...response,
    slope: widened(slope, SIDE_EFFECT * full),
    beyond: beyond && widened(beyond, SIDE_EFFECT * full),
    bend: bend && widened(bend, SIDE_EFFECT * bend.value),
  };
}

interface TargetCells {
  records: readonly CellRecord[];
  metric: Metric;
  seed: number;
  functionNs: number | null;
}

function analyseTarget(
  name: string,
  { records, metric, seed, functionNs }: TargetCells,
): { result: TargetResult; response: Response | null } {
  const cells = usableCells(records);
  const response = judgeCells(cells, { metric, seed });
  const levels = summariseLevels(cells, { metric, seed });
  const bendNs = response?.bend ? scaled(response.bend, unitOf(metric)) : null;
  const result: TargetResult = {
    name,
    sensitivity: response?.slope ?? null,
    class: response?.shape ?? "unclear",
    slackNs: response?.shape === "threshold" ? bendNs : null,
    bendNs,
    beyond: response?.beyond ?? null,
    r2: response?.r2 ?? null,
    hitsPerRun: mean(levels.map(({ hits }) => hits)) || 0,
    gain: levels.length === 0
      ? null
      : extrapolateGain({ response, metric, functionNs, result: levels[0].result }),
    levels,
    warnings: targetWarnings({ records, cells, levels, response, metric, seed }),
  };
  return { result, response };
}

/** The size of what is certain: of an interval, its end next to 0. */
function certain(estimate: Estimate | null): number {
  if (estimate === null) return 0;
  return Math.max(0, estimate.low, -estimate.high);
}

/**
 * Orders what matters at today's speed before what only begins to matter later, and that before the rest. What matters today
 * stands by what half of its time would give, where that is known of all of it: each serial function has a sensitivity of 1.
 */
function rank(results: readonly TargetResult[]): string[] {
  const isToday = ({ sensitivity }: TargetResult) => certain(sensitivity) > 0;
  const byGain = results.filter(isToday).every(({ gain }) => gain !== null);
  return results.toSorted((first, second) =>
    Number(isToday(second)) - Number(isToday(first)) ||
    (byGain && isToday(first) ? certain(second.gain) - certain(first.gain) : 0) ||
    certain(second.sensitivity) - certain(first.sensitivity) ||
    certain(second.beyond) - certain(first.beyond)
  ).map(({ name }) => name);
}

/**
 * Analyses the cells of an experiment.
 *
 * @param functionNs target → the time that it takes in a run, nanoseconds; null where it is not known
 */
export function analyseCells(
  { metric, targets, seed }: Pick<Experiment, "metric" | "targets" | "seed">,
  records: readonly CellRecord[],
  { functionNs = {} }: { functionNs?: Readonly<Record<string, number | null>> } = {},
): Analysis {
  const own = Map.groupBy(records, ({ target }) => target);
  const analysed = targets.map(({ name }) =>
    analyseTarget(name, {
      records: own.get(name) ?? [],
      metric,
      seed,
      functionNs: Object.hasOwn(functionNs, name) ? functionNs[name] : null,
    })
  );
  const results = analysed.map(({ result }) => result);
  return {
    targets: results,
    ranking: rank(results),
    warnings: sweepWarnings(usableCells(records), {
      responses: analysed.map(({ response }) => response),
      seed,
    }),
  };
}
