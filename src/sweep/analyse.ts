/** From cells to answers: sensitivity, class, slack, gain, warnings, ranking. Pure. */
import { type Estimate, judgeResponse, type Measurement, type Response } from "../stats/mod.ts";
import { isTime } from "./metric.ts";
import type { CellRecord, Experiment, Metric } from "./model.ts";
import type { Analysis, LevelSummary, TargetResult } from "./result.ts";

/** A slope of this share of "every nanosecond counts" does not matter. */
const NEGLIGIBLE = 0.1;
/** Hits that differ more than this between delays mean that the workload adapts. */
const HITS_CHANGE = 0.02;

function mean(values: readonly number[]): number {
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Cells with a result. */
function usable(records: readonly CellRecord[]): (CellRecord & { result: number })[] {
  return records.filter((record): record is CellRecord & { result: number } =>
    record.exit === 0 && record.result !== null
  );
}

/** The time that probes added to a cell: delays, and the floor of hits that were not delayed. */
function addedOf(record: CellRecord): number {
  return record.addedNs + record.overheadNs;
}

/** What a target's breakpoint alone costs a run: the mean over its cells without a delay. */
function baseOf(cells: readonly CellRecord[]): number {
  return mean(cells.filter(({ delayNs }) => delayNs === 0).map(addedOf)) || 0;
}

/** By how much x is divided: sensitivities of other results are per second. */
function scaleOf(metric: Metric): number {
  return isTime(metric) ? 1 : 1e9;
}

/**
 * The slope that would not matter. In other units than time a program that does nothing else loses result/wall for each second
 * added.
 */
function negligibleSlope(metric: Metric, records: readonly CellRecord[]): number {
  if (isTime(metric)) return NEGLIGIBLE;
  const cells = usable(records).filter(({ delayNs }) => delayNs === 0);
  const rate = Math.abs(mean(cells.map(({ result }) => result))) /
    (mean(cells.map(({ wallNs }) => wallNs)) / 1e9);
  return NEGLIGIBLE * rate;
}

function summarise(records: readonly CellRecord[]): LevelSummary[] {
  const cells = usable(records);
  const base = baseOf(cells);
  const blocks = Map.groupBy(cells, ({ repeat }) => repeat);
  const levelOf = new Map([...blocks].map(([block, own]) => [block, mean(own.map(({ result }) => result))]));
  return [...Map.groupBy(cells, ({ delayNs }) => delayNs)].sort(([first], [second]) => first - second)
    .map(([delayNs, own]) => {
      const around = own.map(({ result, repeat }) => result - (levelOf.get(repeat) ?? 0));
      const middle = mean(around);
      const squares = around.map((value) => (value - middle) ** 2);
      return {
        delayNs,
        cells: own.length,
        addedNs: mean(own.map(addedOf)) - base,
        result: mean(own.map(({ result }) => result)),
        difference: null,
        deviation: Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / Math.max(1, own.length - 1)),
        hits: mean(own.map(({ hits }) => hits)),
      };
    });
}

function warningsOf(
  records: readonly CellRecord[],
  { levels, response, metric }: {
    levels: readonly LevelSummary[];
    response: Response | null;
    metric: Metric;
  },
): string[] {
  const warnings: string[] = [];
  const failed = records.length - usable(records).length;
  if (failed > 0) warnings.push(`${failed} of ${records.length} cells failed and are left out`);
  if (levels.length > 0 && levels.every(({ hits }) => hits === 0)) {
    warnings.push("it is never called: there is nothing to learn");
    return warnings;
  }
  const hits = levels.map((level) => level.hits);
  const least = Math.min(...hits);
  const most = Math.max(...hits);
  if (most - least > HITS_CHANGE * most && most - least > 1) {
    warnings.push(
      `its hits change with the delay, ${Math.round(least)} to ${
        Math.round(most)
      } a run: the workload adapts`,
    );
  }
  const floorNs = Math.max(0, ...records.map((record) => record.floorNs));
  const below = levels.filter(({ delayNs }) => delayNs > 0 && delayNs < floorNs);
  if (below.length > 0) {
    warnings.push(
      `${below.length} of its delays are under the floor of ${
        Math.round(floorNs)
      } ns: a hit takes the floor at least`,
    );
  }
  const misses = records.reduce((sum, record) => sum + record.misses, 0);
  if (misses > 0) warnings.push(`${misses} executions were missed`);
  if (response?.shape === "unclear") {
    const effect = (response.slope.high - response.slope.low) / 2;
    const size = isTime(metric) ? `±${Number(effect.toPrecision(2))}` : "the interval";
    warnings.push(
      `the noise is wider than the effect (${size}): use more repeats, longer delays or a quieter machine`,
    );
  }
  return warnings;
}

function scaled(estimate: Estimate, factor: number): Estimate {
  return { value: estimate.value * factor, low: estimate.low * factor, high: estimate.high * factor };
}

function analyseTarget(
  name: string,
  { records, metric, seed }: { records: readonly CellRecord[]; metric: Metric; seed: number },
): TargetResult {
  const scale = scaleOf(metric);
  const cells = usable(records);
  const base = baseOf(cells);
  const measurements = cells.map((record): Measurement => ({
    block: record.repeat,
    x: (addedOf(record) - base) / scale,
    y: record.result,
  }));
  const levels = summarise(records);
  const response = judgeResponse(measurements, { negligible: negligibleSlope(metric, records), seed });
  return {
    name,
    sensitivity: response?.slope ?? null,
    class: response?.shape ?? "unclear",
    slackNs: response?.shape === "threshold" && response.bend ? scaled(response.bend, scale) : null,
    beyond: response?.beyond ?? null,
    r2: response?.r2 ?? null,
    hitsPerRun: mean(levels.map(({ hits }) => hits)) || 0,
    gain: null,
    levels,
    warnings: warningsOf(records, { levels, response, metric }),
  };
}

/** How much a target matters: the steepest that it gets, and never more than is certain. */
function weight({ sensitivity, beyond }: TargetResult): number {
  const certain = (estimate: Estimate | null) =>
    estimate === null ? 0 : estimate.low > 0 ? estimate.low : estimate.high < 0 ? -estimate.high : 0;
  // At today's speed counts first; what only begins to matter comes behind all that matters now.
  return certain(sensitivity) * 1e6 + certain(beyond);
}

/** Analyses the cells of an experiment. */
export function analyseCells(
  { metric, targets, seed }: Pick<Experiment, "metric" | "targets" | "seed">,
  records: readonly CellRecord[],
): Analysis {
  const results = targets.map(({ name }) =>
    analyseTarget(name, { records: records.filter(({ target }) => target === name), metric, seed })
  );
  const ranked = results.toSorted((first, second) => weight(second) - weight(first));
  return { targets: results, ranking: ranked.map(({ name }) => name) };
}
