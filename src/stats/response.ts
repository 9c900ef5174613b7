/** How a result responds to added time: which shape fits, how steep it is, where it bends. Pure. */
import { BendSearch } from "./bend.ts";
import { Blocks, type Column, dot, type Measurement } from "./blocks.ts";
import { randomFrom } from "./random.ts";
import { type Estimate, estimateSlope, fitLine } from "./slope.ts";

/**
 * linear: the same slope everywhere. hidden: no slope that matters. threshold: none up to the bend. sub-linear,
 * super-linear: less or more steep after a bend. unclear: the noise is wider than what would matter.
 */
export type Shape = "linear" | "hidden" | "threshold" | "sub-linear" | "super-linear" | "unclear";

/** What the measurements say. */
export interface Response {
  shape: Shape;
  /** d(result)/d(added time) at today's speed: before the bend, where there is one. */
  slope: Estimate;
  /** The slope after the bend; null without one. */
  beyond: Estimate | null;
  /** Where it bends, in units of x; null without a bend. */
  bend: Estimate | null;
  /** The share of the variation within blocks that the shape explains. */
  r2: number;
  /** Standard deviation of what it does not explain, in units of y. */
  noise: number;
}

/** How measurements are judged. */
export interface ResponseOptions {
  /** Slopes of this size and below do not matter; in units of y per x. */
  negligible: number;
  /** Of the bootstrap. */
  draws?: number;
  seed?: number;
}

const DRAWS = 999;
/** By how much the information criterion must favour a bend: "strong" evidence (Kass and Raftery, 1995). */
const STRONG = 6;
/** By how much it must favour a slope before the bend: "positive" evidence. */
const POSITIVE = 2;

/** Schwarz's information criterion of a fit with so many parameters. */
function criterion(
  residual: number,
  { freedom, parameters }: { freedom: number; parameters: number },
): number {
  return freedom * Math.log(Math.max(residual, Number.MIN_VALUE) / freedom) + parameters * Math.log(freedom);
}

/** The levels of x: cells of one delay differ a little from run to run, so that close ones count as one. */
function levelsOf(rows: readonly Measurement[]): number[] {
  const sorted = rows.map(({ x }) => x).sort((first, second) => first - second);
  const span = sorted[sorted.length - 1] - sorted[0];
  const levels: number[][] = [];
  for (const x of sorted) {
    const last = levels.at(-1);
    if (last && x - last[last.length - 1] <= span / 50) last.push(x);
    else levels.push([x]);
  }
  return levels.map((level) => level.reduce((sum, x) => sum + x, 0) / level.length);
}

/**
 * Judges measurements: at least two levels of x, and two blocks.
 *
 * @returns null when there are fewer
 */
export function judgeResponse(
  measurements: readonly Measurement[],
  options: ResponseOptions,
): Response | null {
  const blocks = new Blocks(measurements);
  const levels = levelsOf(blocks.rows);
  if (blocks.count < 2 || levels.length < 2) return null;
  const random = randomFrom(options.seed ?? 1);
  const draws = options.draws ?? DRAWS;
  const x = blocks.column((row) => row.x);
  const y = blocks.column((row) => row.y);
  const freedom = blocks.rows.length - blocks.count;
  const total = dot(y, y);
  const line = fitLine(x, y);
  const slope = estimateSlope(blocks, { x, y, draws, random });
  const explained = (residual: number, parameters: number) => ({
    r2: total > 0 ? 1 - residual / total : 1,
    noise: Math.sqrt(residual / Math.max(1, freedom - parameters)),
  });
  const straight = criterion(line.residual, { freedom, parameters: 1 });
  const bends = findBends({ blocks, levels, freedom, y });
  const free = bends.find(({ form }) => form === "free");
  const flat = bends.find(({ form }) => form === "flat");
  const isBent = bends.some((bend) => bend.criterion + STRONG < straight);
  // Level up to the bend unless a slope there explains clearly more.
  if (isBent && flat && !(free && free.criterion + POSITIVE < flat.criterion)) {
    const { knee, after } = flat.search.estimate(y, { draws, random });
    // What the slope up to there could be is asked of the form that allows one.
    const before = free ? free.search.estimate(y, { draws, random }).before : { value: 0, low: 0, high: 0 };
    const isLevel = before.low <= options.negligible && before.high >= -options.negligible;
    if (isLevel && Math.max(Math.abs(after.low), Math.abs(after.high)) > options.negligible) {
      return {
        shape: "threshold",
        slope: { ...before, value: 0, low: Math.min(0, before.low), high: Math.max(0, before.high) },
        beyond: after,
        bend: knee,
        ...explained(flat.residual, 2),
      };
    }
  }
  if (isBent && free) {
    const { knee, before, after } = free.search.estimate(y, { draws, random });
    const shape = Math.abs(after.value) > Math.abs(before.value) ? "super-linear" : "sub-linear";
    return { shape, slope: before, beyond: after, bend: knee, ...explained(free.residual, 3) };
  }
  return {
    shape: straightShape(slope, options.negligible),
    slope,
    beyond: null,
    bend: null,
    ...explained(line.residual, 1),
  };
}

function straightShape({ low, high }: Estimate, negligible: number): Shape {
  if (low > 0 || high < 0) return Math.max(Math.abs(low), Math.abs(high)) <= negligible ? "hidden" : "linear";
  return low >= -negligible && high <= negligible ? "hidden" : "unclear";
}

/** The fits with a bend that so many levels of x allow. */
function findBends(
  { blocks, levels, freedom, y }: { blocks: Blocks; levels: readonly number[]; freedom: number; y: Column },
) {
  return (["flat", "free"] as const).flatMap((form) => {
    if (levels.length < (form === "flat" ? 3 : 4)) return [];
    const search = new BendSearch(blocks, { form, levels });
    if (!search.isPossible) return [];
    const { residual } = search.fit(y);
    const parameters = form === "flat" ? 2 : 3;
    return [{ form, search, residual, criterion: criterion(residual, { freedom, parameters }) }];
  });
}
