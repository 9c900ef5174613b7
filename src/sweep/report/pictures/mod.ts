/** All pictures of a sweep. What draws them is loaded with this module. */
import type { CellRecord } from "../../model.ts";
import type { SweepResult } from "../../result.ts";
import { type Curve, curveOf } from "../curve.ts";
import { rankedTargets } from "../words.ts";
import type { Picture } from "./draw.ts";
import { drawDrift } from "./drift.ts";
import { drawForest } from "./forest.ts";
import { drawHits, hitsChange } from "./hits.ts";
import { drawResponse } from "./response.ts";

export type { Picture } from "./draw.ts";
export { DARK, LIGHT, resolveColours, SYMBOLS } from "./theme.ts";

/** The pictures of one target. */
export interface TargetPictures {
  curve: Curve;
  response: Picture;
  /** Null where its hits do not change with the delay. */
  hits: Picture | null;
}

/** What there is to be seen. */
export interface Pictures {
  ranking: Picture;
  /** Name of a target → its pictures; without those that were never called. */
  targets: Map<string, TargetPictures>;
  /** Null without cells. */
  drift: Picture | null;
}

/** Draws all pictures. */
export function drawAll(result: SweepResult, records: readonly CellRecord[]): Pictures {
  const targets = rankedTargets(result).flatMap((target, place): [string, TargetPictures][] => {
    const curve = curveOf(target, { result, records });
    if (curve === null || curve.cells.length === 0) return [];
    return [[target.name, {
      curve,
      response: drawResponse(curve, { metric: result.experiment.metric, id: `response-${place + 1}` }),
      hits: hitsChange(target) ? drawHits(curve, { id: `hits-${place + 1}` }) : null,
    }]];
  });
  return {
    ranking: drawForest(result),
    targets: new Map(targets),
    drift: records.length === 0 ? null : drawDrift(result, records),
  };
}
