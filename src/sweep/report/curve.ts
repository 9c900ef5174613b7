/** A target's response as points and lines to be drawn: the one place that all pictures take them from. Pure. */
import { type Estimate, median } from "../../stats/mod.ts";
import { type UsableCell, usableCells } from "../measurements.ts";
import { isTime } from "../metric.ts";
import type { CellRecord } from "../model.ts";
import type { SweepResult, TargetResult } from "../result.ts";
import { mostOf } from "./samples.ts";
import { isCalled } from "./words.ts";

/** What is extrapolated is drawn from this share of what was tried. */
const LEAST_LEFT = 0.02;

/** A place in the picture. */
export interface Point {
  /** Time added to the run, nanoseconds; negative: taken away. */
  x: number;
  /** What the result differs by from that without a delay. */
  y: number;
}

/** A cell, less what its whole block differed by. */
export interface CellPoint extends Point {
  record: CellRecord;
}

/** The mean of the cells of one delay; `low` and `high` are its 95 % interval, where it is known. */
export interface LevelPoint extends Point {
  delayNs: number;
  cells: number;
  low: number | null;
  high: number | null;
}

/** What is drawn of a target. */
export interface Curve {
  target: TargetResult;
  cells: CellPoint[];
  /** The most that was added to a run, nanoseconds, 1 at the least. */
  spanNs: number;
  levels: LevelPoint[];
  /** Corners of the fitted line or broken stick; empty without a fit. */
  fit: Point[];
  /** Where it bends, and its interval; null without a bend. */
  bend: Estimate | null;
  /** From today's speed to half of the function's time, and the interval there; null where it is not known. */
  gain: { to: Point; low: number; high: number } | null;
  /** The middle of the results without a delay: where 0 stands. */
  base: number;
  /** Per nanosecond added: the slope of time that reaches the result whole; null where results are no time. */
  whole: number | null;
}

/** What each block's cells differ by from the middle of their delays, so that an incomplete block is judged fairly. */
function blockOffsets(records: readonly UsableCell[]): Map<number, number> {
  const levels = Map.groupBy(records, ({ target, delayNs }) => `${delayNs} ${target}`);
  const middles = new Map([...levels].map(([key, own]) => [key, median(own.map(({ result }) => result))]));
  const blocks = Map.groupBy(records, ({ repeat }) => repeat);
  return new Map(
    [...blocks].map(([block, own]) => [
      block,
      median(
        own.map(({ result, delayNs, target }) => result - (middles.get(`${delayNs} ${target}`) ?? result)),
      ),
    ]),
  );
}

function cellPoints(
  target: TargetResult,
  records: readonly CellRecord[],
): { base: number; cells: CellPoint[] } {
  const own = usableCells(records).filter((record) => record.target === target.name);
  const offsets = blockOffsets(own);
  const plain = own.filter(({ delayNs }) => delayNs === 0);
  const baseAdded = median(plain.map(({ addedNs, overheadNs }) => addedNs + overheadNs));
  const base = median(plain.map(({ result }) => result));
  const cells = own.map((record) => ({
    x: record.addedNs + record.overheadNs - baseAdded,
    y: record.result - (offsets.get(record.repeat) ?? 0) - base,
    record,
  }));
  return { base, cells };
}

/** The fit through the middle of the cells: their blocks are taken off, so that only its height is free. */
function fitLine(
  cells: readonly CellPoint[],
  { slope, beyond, bend, most }: { slope: number; beyond: number; bend: number | null; most: number },
): Point[] {
  const at = (x: number) => slope * x + (bend === null ? 0 : (beyond - slope) * Math.max(0, x - bend));
  const height = median(cells.map(({ x, y }) => y - at(x)));
  const corners = bend === null || bend >= most || bend <= 0 ? [0, most] : [0, bend, most];
  return corners.map((x) => ({ x, y: height + at(x) }));
}

/** @param spanNs the most that was added: half of a time that is nothing beside it cannot be seen */
function gainOf({ gain }: TargetResult, spanNs: number): Curve["gain"] {
  if (gain === null || !(gain.functionNs / 2 > LEAST_LEFT * spanNs)) return null;
  return { to: { x: -gain.functionNs / 2, y: gain.value }, low: gain.low, high: gain.high };
}

/** Both ends, or none: too few runs have no interval. */
function intervalOf(estimate: Estimate | null): Pick<LevelPoint, "low" | "high"> {
  return estimate !== null && Number.isFinite(estimate.low) && Number.isFinite(estimate.high)
    ? { low: estimate.low, high: estimate.high }
    : { low: null, high: null };
}

/** What is to be drawn of a target; null where there is nothing: it was never called, or has no cells. */
export function curveOf(
  target: TargetResult,
  { result, records }: { result: SweepResult; records: readonly CellRecord[] },
): Curve | null {
  if (!isCalled(target) || target.levels.length < 2) return null;
  const { metric } = result.experiment;
  const scale = isTime(metric) ? 1 : 1e-9;
  const { base, cells } = cellPoints(target, records);
  const ofDelay = Map.groupBy(cells, ({ record }) => record.delayNs);
  const spanNs = mostOf(cells.map(({ x }) => x), 1);
  const { sensitivity, beyond, bendNs } = target;
  return {
    target,
    cells,
    spanNs,
    levels: target.levels.map(({ delayNs, cells, addedNs, difference }) => ({
      delayNs,
      cells,
      x: addedNs,
      y: difference?.value ?? median((ofDelay.get(delayNs) ?? []).map(({ y }) => y)),
      ...intervalOf(difference),
    })),
    fit: sensitivity === null || cells.length === 0 ? [] : fitLine(cells, {
      slope: sensitivity.value * scale,
      beyond: (beyond ?? sensitivity).value * scale,
      bend: bendNs?.value ?? null,
      most: spanNs,
    }),
    bend: bendNs,
    gain: gainOf(target, spanNs),
    base,
    whole: isTime(metric) ? 1 : null,
  };
}
