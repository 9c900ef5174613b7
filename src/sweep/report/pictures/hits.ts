/** How often a function ran under each delay: drawn where that changes, for then the workload is not the same. */
import * as Plot from "npm:@observablehq/plot@0.6.17";
import { humanTime } from "../../../core/mod.ts";
import type { Curve } from "../curve.ts";
import { plainText } from "../plain_text.ts";
import { MOST_DOTS, mostOf, thinned } from "../samples.ts";
import { humanHits } from "../words.ts";
import { draw, type Picture } from "./draw.ts";
import { axisName, timeUnit, widened } from "../axes.ts";
import { colour, signOf } from "./theme.ts";

/** Hits that differ by this share between delays are shown. */
const CHANGE = 0.02;

/** Whether hits change with the delay. */
export function hitsChange({ levels }: Curve["target"]): boolean {
  const hits = levels.map((level) => level.hits);
  const most = Math.max(0, ...hits);
  return most - Math.min(...hits) > Math.max(1, CHANGE * most);
}

/** Draws the hits of each run over the delay. */
export function drawHits({ target, cells }: Curve, { id }: { id: string }): Picture {
  const unit = timeUnit(Math.max(...target.levels.map(({ delayNs }) => delayNs)));
  const most = mostOf(cells.map(({ record }) => record.hits));
  const x = ({ delayNs }: { delayNs: number }) => delayNs / unit.size;
  return draw({
    width: 520,
    height: 200,
    marginLeft: 62,
    marginRight: 18,
    marginTop: 30,
    marginBottom: 42,
    x: { domain: widened([0, Math.max(...target.levels.map(x))], 0.03) },
    y: { domain: [0, 1.05 * most], tickFormat: (value: number) => humanHits(value) },
    marks: [
      Plot.gridY({ stroke: colour("faint"), strokeOpacity: 1 }),
      Plot.ruleY([0], { stroke: colour("muted") }),
      Plot.dot(thinned(cells, MOST_DOTS.ofOne), {
        x: ({ record }: Curve["cells"][number]) => x(record),
        y: ({ record }: Curve["cells"][number]) => record.hits,
        r: 2.2,
        fill: colour("muted"),
        fillOpacity: 0.5,
        className: "cells",
      }),
      Plot.line(target.levels, { x, y: "hits", stroke: colour(target.class), strokeWidth: 2 }),
      Plot.dot(target.levels, {
        x,
        y: "hits",
        r: 4.5,
        strokeWidth: 1.75,
        ...signOf(target.class),
        title: ({ delayNs, hits }: { delayNs: number; hits: number }) =>
          `${humanTime(delayNs)}: ${humanHits(hits)} hits a run`,
        className: "levels",
      }),
      Plot.axisX({ label: null, ticks: 6, color: colour("muted") }),
      Plot.axisY({
        label: null,
        ticks: 4,
        color: colour("muted"),
        tickFormat: (value: number) => humanHits(value),
      }),
      Plot.text([`${axisName("Delay of a call", unit)} →`], {
        frameAnchor: "bottom-right",
        dy: 34,
        fill: colour("ink"),
      }),
      Plot.text(["↑ Hits a run"], { frameAnchor: "top-left", dx: -54, dy: -20, fill: colour("ink") }),
    ],
  }, { id, label: `Hits of ${plainText(target.name)} in a run over its delay` });
}
