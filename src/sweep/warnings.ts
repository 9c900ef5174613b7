/** What a reader must know before believing the figures of a sweep: sentences. Pure. */
import { humanTime } from "../core/mod.ts";
import { compareLevels, mean, type Response } from "../stats/mod.ts";
import { isTime } from "./metric.ts";
import type { UsableCell } from "./measurements.ts";
import type { CellRecord, Metric } from "./model.ts";
import type { LevelSummary } from "./result.ts";

/** Hits that differ more than this between delays mean that the workload adapts. */
const HITS_CHANGE = 0.02;
/** A share of a run that breakpoints without a delay cost. */
const BREAKPOINTS_DEAR = 0.1;
/** A share of cells that were disturbed; of undisturbed ones one in twenty looks so. */
const DISTURBED = 0.1;
/** A change of the results from the beginning of the sweep to its end. */
const DRIFT = 0.02;
/** Parts of a sweep that are compared for drift. */
const PARTS = 4;
/** A share of the time in which something waits for a processor; on a quiet machine it is 1 or 2 %. */
const PROCESSORS_SHORT = 0.2;
/** A standard deviation of one and the same run, as a share of the result. */
const NOISE = 0.1;

const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;

/** Hits that change with the delay, and by more than they change by themselves. */
function hitsChange(cells: readonly UsableCell[], seed: number): string[] {
  const [bare, ...levels] = compareLevels(
    cells.map(({ repeat, delayNs, hits }) => ({ block: repeat, level: delayNs, x: delayNs, y: hits })),
    { seed },
  );
  const changed = levels.filter(({ difference }) =>
    difference !== null && (difference.low > 0 || difference.high < 0) &&
    Math.abs(difference.value) > Math.max(1, HITS_CHANGE * bare.mean)
  );
  if (changed.length === 0) return [];
  const all = [bare, ...levels].map((level) => Math.round(level.mean));
  return [
    `its hits change with the delay, ${Math.min(...all)} to ${Math.max(...all)} a run: the workload adapts`,
  ];
}

function underFloor(records: readonly CellRecord[], levels: readonly LevelSummary[]): string[] {
  // Floors are measured again and again: the usual one counts, not the one of a busy moment.
  const floors = records.map((record) => record.floorNs).sort((first, second) => first - second);
  const floorNs = floors[floors.length >> 1] ?? 0;
  const below = levels.filter(({ delayNs }) => delayNs > 0 && delayNs < floorNs);
  if (below.length === 0) return [];
  const count = `${below.length} of its ${levels.length - 1} delays`;
  return [
    `${count} ${below.length === 1 ? "is" : "are"} under the floor of ${
      Math.round(floorNs)
    } ns: a hit takes the floor at least`,
  ];
}

/** Where breakpoints cost much, what is hidden today may not be hidden any more, and slacks are what they leave. */
function breakpointCost(cells: readonly UsableCell[]): string[] {
  const bare = cells.filter(({ delayNs }) => delayNs === 0);
  const costNs = mean(bare.map(({ overheadNs }) => overheadNs));
  const share = costNs / mean(bare.map(({ wallNs }) => wallNs));
  if (!(share > BREAKPOINTS_DEAR)) return [];
  return [
    `its breakpoints alone cost ${humanTime(costNs)} a run, ${
      percent(share)
    } of its time: the answer is that of a program which is as much slower`,
  ];
}

function fitWarnings(response: Response | null, metric: Metric): string[] {
  if (response === null) return [];
  const warnings: string[] = [];
  if (response.shape === "unclear") {
    const effect = (response.slope.high - response.slope.low) / 2;
    const size = isTime(metric) ? `±${Number(effect.toPrecision(2))}` : "the interval";
    warnings.push(
      `the noise is wider than the effect (${size}): use more repeats, longer delays or a quieter machine`,
    );
  }
  if (response.misfits) {
    warnings.push("neither a line nor one bend fits its response: trust the plot more than the figures");
  }
  return warnings;
}

/** Warnings of one target. */
export function targetWarnings(
  { records, cells, levels, response, metric, seed }: {
    records: readonly CellRecord[];
    cells: readonly UsableCell[];
    levels: readonly LevelSummary[];
    response: Response | null;
    metric: Metric;
    seed: number;
  },
): string[] {
  const failed = records.length - cells.length;
  const warnings = failed > 0 ? [`${failed} of ${records.length} cells failed and are left out`] : [];
  if (cells.length === 0) return warnings;
  if (levels.every(({ hits }) => hits === 0)) {
    return [...warnings, "it is never called: there is nothing to learn"];
  }
  const misses = records.reduce((sum, record) => sum + record.misses, 0);
  return [
    ...warnings,
    ...hitsChange(cells, seed),
    ...underFloor(records, levels),
    ...breakpointCost(cells),
    ...(misses > 0 ? [`${misses} executions were missed`] : []),
    ...fitWarnings(response, metric),
  ];
}

/**
 * The warning that processors were short.
 *
 * @param waitedNs how long something waited for one, in so much time; null where that is not known
 */
export function processorWarnings(waitedNs: number | null, elapsedNs: number): string[] {
  const share = Math.min(1, (waitedNs ?? 0) / elapsedNs);
  if (!(share > PROCESSORS_SHORT)) return [];
  return [
    `processes waited for a processor during ${
      percent(share)
    } of the sweep: if the command did, what was added took longer than itself, and sensitivities are too great`,
  ];
}

/** By how much results changed from the first part of a sweep to the last, each cell beside its like. */
function drift(cells: readonly UsableCell[], seed: number): string[] {
  const blocks = Math.max(...cells.map(({ repeat }) => repeat)) + 1;
  const parts = Math.min(PARTS, blocks);
  const likes = [...Map.groupBy(cells, ({ target, delayNs }) => `${delayNs}.${target}`).values()];
  const rows = likes.flatMap((like, block) => {
    const usual = mean(like.map(({ result }) => result));
    return like.map(({ repeat, result }) => {
      const level = Math.floor(repeat * parts / blocks);
      return { block, level, x: level, y: result / usual };
    });
  });
  const last = compareLevels(rows, { seed }).at(-1)?.difference;
  if (!last || Math.abs(last.value) < DRIFT || (last.low <= 0 && last.high >= 0)) return [];
  return [
    `the results drifted by ${last.value > 0 ? "+" : "−"}${percent(Math.abs(last.value))} from the first ${
      parts === PARTS ? "quarter" : "part"
    } of the sweep to the last: blocks cancel that, but something changed`,
  ];
}

/** Warnings of the whole sweep. @param responses of its targets */
export function sweepWarnings(
  cells: readonly UsableCell[],
  { responses, seed }: { responses: readonly (Response | null)[]; seed: number },
): string[] {
  if (cells.length === 0) return [];
  const warnings = drift(cells, seed);
  const judged = responses.filter((response) => response !== null);
  const outliers = judged.reduce((sum, response) => sum + response.outliers, 0);
  if (outliers > DISTURBED * cells.length) {
    warnings.push(
      `${outliers} of ${cells.length} cells were disturbed by something else and count less: the machine was busy`,
    );
  }
  const usual = Math.abs(mean(cells.filter(({ delayNs }) => delayNs === 0).map(({ result }) => result)));
  const noise = mean(judged.map((response) => response.noise)) / usual;
  if (noise > NOISE) {
    warnings.push(
      `one and the same run differs by ±${percent(noise)} from time to time: the machine is noisy`,
    );
  }
  return warnings;
}
