/** How a result responds to added time: which shape fits, how steep it is, where it bends. Pure. */
import { BendSearch } from "./bend.ts";
import { Blocks, type Column, dot, type Measurement } from "./blocks.ts";
import { fitPolygon } from "./polygon.ts";
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
  /** Measurements that something else disturbed, and that count less for it. */
  outliers: number;
  /** Whether a polygon through the levels explains clearly more than the shape does. */
  misfits: boolean;
}

/** How measurements are judged. */
export interface ResponseOptions {
  /** Slopes of this size and below do not matter; in units of y per x. */
  negligible: number;
  /** The slope that is likely behind a bend: it is taken where measurements do not speak against it. */
  full?: number;
  /** Of the bootstrap. */
  draws?: number;
  seed?: number;
}

const DRAWS = 999;
/** By how much the information criterion must favour a bend: "strong" evidence (Kass and Raftery, 1995). */
const STRONG = 6;
/** By how much it must favour a slope before the bend: "positive" evidence. */
const POSITIVE = 2;
/** A share of the variation that a shape may leave to a polygon. */
const MISFIT = 0.01;

/** Schwarz's information criterion of a fit with so many parameters. */
function criterion(
  residual: number,
  { freedom, parameters }: { freedom: number; parameters: number },
): number {
  return freedom * Math.log(Math.max(residual, Number.MIN_VALUE) / freedom) + parameters * Math.log(freedom);
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
  if (blocks.count < 2) return null;
  const { corners: levels, tamed, outliers, residual: least } = fitPolygon(blocks);
  if (levels.length < 2) return null;
  const random = randomFrom(options.seed ?? 1);
  const draws = options.draws ?? DRAWS;
  const x = blocks.column((row) => row.x);
  const y = blocks.centre(tamed);
  const freedom = blocks.rows.length - blocks.count;
  const total = dot(y, y);
  const line = fitLine(x, y);
  const slope = estimateSlope(blocks, { x, y, draws, random });
  const explained = (residual: number, parameters: number) => ({
    misfits: residual - least > MISFIT * total &&
      criterion(least, { freedom, parameters: levels.length - 1 }) + STRONG <
        criterion(residual, { freedom, parameters }),
    r2: total > 0 ? 1 - residual / total : 1,
    noise: Math.sqrt(residual / Math.max(1, freedom - parameters)),
    outliers: outliers.length,
  });
  const straight = criterion(line.residual, { freedom, parameters: 1 });
  const bends = findBends({ blocks, levels, freedom, y, full: options.full });
  const [free, flat, known] = (["free", "flat", "known"] as const).map((form) =>
    bends.find((bend) => bend.form === form)
  );
  const isBent = bends.some((bend) => bend.criterion + STRONG < straight);
  const level = known && flat && known.criterion <= flat.criterion ? known : flat;
  // Level up to the bend unless a slope there explains clearly more.
  const isFree = free && !(level && free.criterion + POSITIVE >= level.criterion);
  const chosen = isFree ? free : level;
  if (isBent && chosen) {
    const found = chosen.search.estimate(y, { draws, random });
    const { before } = found;
    // What the slope up to a bend could be is asked of the form that allows one, and what a known slope leaves open of the one
    // that does not know it: a bend between the last two levels may be anywhere there.
    const slope = !isFree && free ? levelled(free.search.estimate(y, { draws, random }).before) : before;
    const open = chosen === known && flat ? flat.search.estimate(y, { draws, random }) : found;
    const after = spanning(found.after, open.after);
    const fit = {
      beyond: after,
      bend: spanning(found.knee, open.knee),
      ...explained(chosen.residual, chosen.parameters),
    };
    const isLevel = slope.low <= options.negligible && slope.high >= -options.negligible &&
      Math.abs(slope.value) <= options.negligible;
    if (isLevel && Math.max(Math.abs(after.low), Math.abs(after.high)) > options.negligible) {
      return { shape: "threshold", slope, ...fit };
    }
    if (isFree && Math.abs(after.value - before.value) > options.negligible) {
      const shape = Math.abs(after.value) > Math.abs(before.value) ? "super-linear" : "sub-linear";
      return { shape, slope, ...fit };
    }
  }
  return {
    shape: straightShape(slope, options.negligible),
    slope,
    beyond: null,
    bend: null,
    ...explained(line.residual, 1),
  };
}

/** The first estimate, its interval made so wide that it holds that of the other. */
function spanning({ value, low, high }: Estimate, other: Estimate): Estimate {
  return { value, low: Math.min(low, other.low), high: Math.max(high, other.high) };
}

/** The slope up to a bend before which the fit is level. */
function levelled({ low, high }: Estimate): Estimate {
  return { value: 0, low: Math.min(0, low), high: Math.max(0, high) };
}

function straightShape({ low, high }: Estimate, negligible: number): Shape {
  if (low > 0 || high < 0) return Math.max(Math.abs(low), Math.abs(high)) <= negligible ? "hidden" : "linear";
  return low >= -negligible && high <= negligible ? "hidden" : "unclear";
}

/** Form → its parameters, and the levels of x that it takes. */
const FORMS = {
  known: { parameters: 1, least: 3 },
  flat: { parameters: 2, least: 3 },
  free: { parameters: 3, least: 4 },
} as const;

/** The fits with a bend that so many levels of x allow. */
function findBends({ blocks, levels, freedom, y, full }: {
  blocks: Blocks;
  levels: readonly number[];
  freedom: number;
  y: Column;
  full: number | undefined;
}) {
  return (["known", "flat", "free"] as const).flatMap((form) => {
    const { parameters, least } = FORMS[form];
    if (levels.length < least || (form === "known" && full === undefined)) return [];
    const search = new BendSearch(blocks, { form, levels, ...(full === undefined ? {} : { known: full }) });
    if (!search.isPossible) return [];
    const { residual } = search.fit(y);
    return [{ form, search, residual, parameters, criterion: criterion(residual, { freedom, parameters }) }];
  });
}
