/** The picture of one response: runs, means with intervals, the fit, where it bends, what is extrapolated. */
import * as Plot from "npm:@observablehq/plot@0.6.17";
import { humanTime } from "../../../core/mod.ts";
import type { Estimate } from "../../../stats/mod.ts";
import type { Metric } from "../../model.ts";
import type { TargetResult } from "../../result.ts";
import type { Curve } from "../curve.ts";
import { plainText } from "../plain_text.ts";
import { MOST_DOTS, thinned } from "../samples.ts";
import { humanChange, humanResult } from "../words.ts";
import { draw, type Picture } from "./draw.ts";
import { axisName, type Range, rangeOf, resultUnit, shortMetric, timeUnit, widened } from "../axes.ts";
import { colour, signOf } from "./theme.ts";

/** The extrapolation is drawn up to this share of what was tried; what reaches further is cut off. */
const MOST_LEFT = 0.6;

/** Words in the picture, readable on lines. */
const LABEL = {
  fontStyle: "italic",
  fill: colour("muted"),
  stroke: colour("surface"),
  strokeWidth: 3,
} as const;

interface Corner {
  x: number;
  y: number;
}

/** The extrapolation as it is drawn: whole, or cut off where it leaves the picture. */
function extrapolation({ gain, fit }: Curve, spanX: number) {
  if (gain === null || fit.length === 0) return null;
  const [start] = fit;
  const limit = -MOST_LEFT * spanX;
  if (gain.to.x >= limit) return { isWhole: true, line: [start, gain.to], gain };
  const share = limit / gain.to.x;
  return { isWhole: false, line: [start, { x: limit, y: start.y + (gain.to.y - start.y) * share }], gain };
}

/** Draws a target's response. */
export function drawResponse(curve: Curve, { metric, id }: { metric: Metric; id: string }): Picture {
  const { target, cells, levels, fit, bend, whole } = curve;
  const spanX = curve.spanNs;
  const beyond = extrapolation(curve, spanX);
  const [least, most] = rangeOf(curve);
  const ends = beyond === null
    ? []
    : beyond.isWhole
    ? [beyond.gain.low, beyond.gain.high]
    : [beyond.line[1].y];
  const reachY: Range = [Math.min(least, ...ends), Math.max(most, ...ends)];
  const rangeY = widened(reachY, 0.06);
  const rangeX: Range = [Math.min(-0.03 * spanX, (beyond?.line[1].x ?? 0) - 0.04 * spanX), 1.03 * spanX];
  const unitX = timeUnit(spanX);
  const unitY = resultUnit(metric, Math.max(...reachY.map(Math.abs)));
  const x = ({ x }: { x: number }) => x / unitX.size;
  const y = ({ y }: { y: number }) => y / unitY.size;
  const isInside = ({ y }: { y: number }) => y >= rangeY[0] && y <= rangeY[1];
  const cellTitle = ({ record, y }: Curve["cells"][number]) =>
    `run ${record.repeat + 1} with ${humanTime(record.delayNs)}: ${
      humanResult(metric, record.result ?? NaN)
    }, ` +
    `${humanChange(metric, y)} after its block is taken off`;
  const drawn = thinned(cells, MOST_DOTS.ofOne);
  const ink = colour(target.class);
  const marks: Plot.Markish[] = [
    Plot.gridY({ stroke: colour("faint"), strokeOpacity: 1, ticks: 5 }),
    ...(bend === null ? [] : [
      Plot.rectY([bend], {
        x1: ({ low }: typeof bend) => Math.max(low, rangeX[0]) / unitX.size,
        x2: ({ high }: typeof bend) => Math.min(high, rangeX[1]) / unitX.size,
        y1: rangeY[0] / unitY.size,
        y2: rangeY[1] / unitY.size,
        fill: colour("band"),
        className: "bend",
      }),
    ]),
    Plot.ruleY([0], { stroke: colour("muted"), strokeOpacity: 0.7 }),
    ...(rangeX[0] < -0.04 * spanX ? [Plot.ruleX([0], { stroke: colour("muted"), strokeOpacity: 0.7 })] : []),
    ...(whole === null ? [] : [
      Plot.line(
        [{ x: rangeX[0], y: rangeX[0] * whole }, { x: rangeX[1], y: rangeX[1] * whole }] as Corner[],
        {
          x,
          y,
          stroke: colour("muted"),
          strokeDasharray: "1,4",
          strokeLinecap: "round",
          clip: true,
          className: "whole",
        },
      ),
    ]),
    Plot.dot(drawn.filter(isInside), {
      x,
      y,
      r: 2.2,
      fill: colour("muted"),
      fillOpacity: 0.5,
      title: cellTitle,
      className: "cells",
    }),
    Plot.dot(drawn.filter((cell) => !isInside(cell)), {
      x,
      y: (cell: Corner) => (cell.y > 0 ? rangeY[1] : rangeY[0]) / unitY.size,
      symbol: "triangle",
      rotate: (cell: Corner) => cell.y > 0 ? 0 : 180,
      r: 3,
      fill: colour("muted"),
      title: cellTitle,
      className: "cells",
    }),
    Plot.line(fit, { x, y, stroke: ink, strokeWidth: 2.25, strokeLinejoin: "round", className: "fit" }),
    Plot.ruleX(levels.filter(({ low }) => low !== null), {
      x,
      y1: ({ low }: { low: number | null }) => (low ?? 0) / unitY.size,
      y2: ({ high }: { high: number | null }) => (high ?? 0) / unitY.size,
      stroke: ink,
      strokeWidth: 1.5,
      marker: "tick",
      className: "intervals",
    }),
    Plot.dot(levels, {
      x,
      y,
      r: 4.5,
      strokeWidth: 1.75,
      ...signOf(target.class),
      title: (level: Curve["levels"][number]) =>
        `${humanTime(level.delayNs)} a call, ${level.cells} runs: ${humanTime(level.x)} added, ` +
        `${humanChange(metric, level.y)}` +
        (level.low === null || level.high === null
          ? ""
          : ` [${humanChange(metric, level.low)}, ${humanChange(metric, level.high)}]`),
      className: "levels",
    }),
    ...(bend === null ? [] : [bendLabel(bend, { target: curve.target, unit: unitX.size, rangeX })]),
    ...(whole === null ? [] : [wholeLabel({ rangeX, rangeY, whole, x, y })]),
    ...(beyond === null ? [] : extrapolationMarks(beyond, { x, y, ink, sizeY: unitY.size, rangeY })),
    Plot.axisX({ label: null, ticks: 6, color: colour("muted") }),
    Plot.axisY({ label: null, ticks: 5, color: colour("muted") }),
    Plot.text([axisName("Time added to a run", unitX)], {
      frameAnchor: "bottom-right",
      dy: 34,
      fill: colour("ink"),
      text: (label: string) => `${label} →`,
    }),
    Plot.text([axisName(`Change of ${shortMetric(metric)}`, unitY)], {
      frameAnchor: "top-left",
      dx: -44,
      dy: -20,
      fill: colour("ink"),
      text: (label: string) => `↑ ${label}`,
    }),
  ];
  return draw({
    width: 520,
    height: 300,
    marginLeft: 52,
    marginRight: 18,
    marginTop: 30,
    marginBottom: 42,
    x: { domain: rangeX.map((value) => value / unitX.size) },
    y: { domain: rangeY.map((value) => value / unitY.size) },
    marks,
  }, {
    id,
    label: `How ${shortMetric(metric)} answers to time added to ${plainText(target.name)}: ${target.class}`,
  });
}

/** What the shaded strip is, beside it where there is more room. */
function bendLabel(
  bend: Estimate,
  { target, unit, rangeX }: { target: TargetResult; unit: number; rangeX: Range },
): Plot.Markish {
  const isLeft = bend.value - rangeX[0] > rangeX[1] - bend.value;
  const at = isLeft ? Math.max(rangeX[0], bend.low) : Math.min(rangeX[1], bend.high);
  return Plot.text([bend], {
    x: at / unit,
    frameAnchor: "bottom",
    text: () => `${target.slackNs === null ? "bends at" : "slack"} ${humanTime(bend.value)}`,
    dx: isLeft ? -5 : 5,
    dy: -6,
    textAnchor: isLeft ? "end" : "start",
    ...LABEL,
  });
}

/** Names the dotted line where it leaves the picture. */
function wholeLabel({ rangeX, rangeY, whole, x, y }: {
  rangeX: Range;
  rangeY: Range;
  whole: number;
  x: (point: Corner) => number;
  y: (point: Corner) => number;
}): Plot.Markish {
  const end = Math.min(rangeX[1], rangeY[1] / whole);
  const isAtSide = end === rangeX[1];
  return Plot.text([{ x: end, y: end * whole }], {
    x,
    y,
    text: () => "all of it",
    dx: isAtSide ? -6 : 6,
    dy: isAtSide ? -10 : 8,
    textAnchor: isAtSide ? "end" : "start",
    ...LABEL,
  });
}

function extrapolationMarks(
  { isWhole, line, gain }: NonNullable<ReturnType<typeof extrapolation>>,
  { x, y, ink, sizeY, rangeY }: {
    x: (point: Corner) => number;
    y: (point: Corner) => number;
    ink: string;
    sizeY: number;
    rangeY: Range;
  },
): Plot.Markish[] {
  const [start, end] = line;
  // The word stands below a flat line, and beside the end of a steep one.
  const isSteep = Math.abs(start.y - end.y) > 0.08 * (rangeY[1] - rangeY[0]);
  const dashed = { stroke: ink, strokeWidth: 1.75, strokeDasharray: "6,4", className: "extrapolated" };
  return [
    Plot.line(line, { x, y, ...dashed, ...(isWhole ? {} : { markerEnd: "arrow" }) }),
    ...(isWhole
      ? [
        Plot.ruleX([end], { x, y1: gain.low / sizeY, y2: gain.high / sizeY, ...dashed, marker: "tick" }),
        Plot.dot([end], { x, y, r: 4.5, stroke: ink, strokeWidth: 1.75, fill: colour("surface") }),
      ]
      : []),
    Plot.text([end], {
      x,
      y,
      text: () => "extrapolated",
      ...(isSteep ? { dx: 10, dy: 4 } : { dx: 2, dy: 16 }),
      textAnchor: "start",
      ...LABEL,
    }),
  ];
}
