/** The ranking as a forest plot: the sensitivity of each function, with its interval. */
import * as Plot from "npm:@observablehq/plot@0.6.17";
import { isTime } from "../../metric.ts";
import type { SweepResult, TargetResult } from "../../result.ts";
import { cutTo } from "../columns.ts";
import { plainText, typeset } from "../plain_text.ts";
import { humanEstimate, humanSlope, isCalled, rankedTargets } from "../words.ts";
import { draw, type Picture } from "./draw.ts";
import { type Range, shortMetric, widened } from "../axes.ts";
import { colour, signOf } from "./theme.ts";

const ROW = 30;
const MOST_NAME = 30;
/** Of a bold letter, in pixels: fonts differ, and a name must not be cut. */
const CHARACTER = 8;

/** An interval that says nothing shall not make the others points: it is cut off, with an arrow. */
function rangeOf(targets: readonly TargetResult[], isWholeShown: boolean): Range {
  const known = targets.flatMap(({ sensitivity, beyond }) => [sensitivity, beyond]).filter((one) =>
    one !== null
  );
  const reach = 1.4 * Math.max(isWholeShown ? 1 : 0, ...known.map(({ value }) => Math.abs(value)));
  const ends = known.flatMap(({ low, high }) => [low, high]);
  const least = Math.max(-reach, Math.min(0, ...ends));
  const most = Math.min(reach, Math.max(isWholeShown ? 1 : 0, ...ends));
  return widened([least, most], 0.03);
}

/** Says what a place on the axis means, above the plot. */
function axisWord(
  at: number,
  { text, textAnchor }: { text: string; textAnchor: "start" | "end" },
): Plot.Markish {
  return Plot.text([at], {
    x: at,
    frameAnchor: "top",
    dx: textAnchor === "end" ? 5 : -5,
    dy: -16,
    text: () => text,
    textAnchor,
    fontStyle: "italic",
    fill: colour("muted"),
  });
}

/** Draws the ranking. */
export function drawForest(result: SweepResult): Picture {
  const { metric } = result.experiment;
  const targets = rankedTargets(result);
  const places = targets.map((_, place) => place);
  const names = targets.map(({ name }) => cutTo(plainText(name), MOST_NAME));
  const known = places.filter((place) => isCalled(targets[place]) && targets[place].sensitivity !== null);
  const range = rangeOf(known.map((place) => targets[place]), isTime(metric));
  const slope = (value: number) => humanSlope(metric, value);
  const clamp = (value: number) => Math.min(range[1], Math.max(range[0], value));
  const sensitivity = (place: number) => targets[place].sensitivity ?? { value: NaN, low: NaN, high: NaN };
  const bent = known.filter((place) => targets[place].beyond !== null);
  const ink = (place: number) => colour(targets[place].class);
  const title = (place: number) =>
    `${plainText(targets[place].name)}: ${humanEstimate(sensitivity(place), slope)}, ${targets[place].class}`;
  const says = (place: number) => {
    const target = targets[place];
    if (!isCalled(target)) return "never called";
    return target.sensitivity === null
      ? "too few cells"
      : typeset(`${humanEstimate(target.sensitivity, slope)}  ${target.class}`);
  };
  const marginLeft = Math.round(20 + CHARACTER * Math.max(8, ...names.map((name) => name.length)));
  const marks: Plot.Markish[] = [
    Plot.ruleY(places, { y: (place: number) => place, stroke: colour("faint") }),
    Plot.ruleX([0], { stroke: colour("muted") }),
    ...(isTime(metric)
      ? [Plot.ruleX([1], { stroke: colour("muted"), strokeDasharray: "1,4", strokeLinecap: "round" })]
      : []),
    Plot.link(bent, {
      y: (place: number) => place,
      x1: (place: number) => clamp(sensitivity(place).value),
      x2: (place: number) => clamp(targets[place].beyond?.value ?? NaN),
      stroke: ink,
      strokeDasharray: "2,3",
      markerEnd: "none",
      className: "later",
    }),
    Plot.dot(bent, {
      y: (place: number) => place,
      x: (place: number) => clamp(targets[place].beyond?.value ?? NaN),
      r: 4,
      stroke: ink,
      fill: colour("surface"),
      strokeWidth: 1.5,
      title: (place: number) =>
        `${plainText(targets[place].name)}, later: ${
          humanEstimate(targets[place].beyond ?? sensitivity(place), slope)
        }`,
      className: "later",
    }),
    ...known.flatMap((place) => {
      const { low, high } = sensitivity(place);
      return [
        Plot.link([place], {
          y: place,
          x1: clamp(low),
          x2: clamp(high),
          stroke: ink(place),
          strokeWidth: 2,
          markerStart: low < range[0] ? "arrow-reverse" : "tick",
          markerEnd: high > range[1] ? "arrow" : "tick",
          title,
          className: "interval",
        }),
        Plot.dot([place], {
          y: place,
          x: clamp(sensitivity(place).value),
          r: 5,
          strokeWidth: 2,
          ...signOf(targets[place].class),
          className: "sensitivity",
          title,
        }),
      ];
    }),
    Plot.text(places, {
      y: (place: number) => place,
      frameAnchor: "right",
      dx: 12,
      textAnchor: "start",
      text: says,
      fill: colour("ink"),
      fontVariant: "tabular-nums",
    }),
    Plot.axisY({
      label: null,
      tickSize: 0,
      tickFormat: (place: number) => names[place],
      fill: colour("ink"),
      fontWeight: "600",
    }),
    Plot.axisX({ label: null, ticks: 6, color: colour("muted") }),
    Plot.text([
      isTime(metric)
        ? "Share of added time that reaches the result"
        : `Change of ${shortMetric(metric)} per second added`,
    ], {
      frameAnchor: "bottom-left",
      dy: 34,
      fill: colour("ink"),
      text: (label: string) => `${label} →`,
    }),
    ...(isTime(metric)
      ? [
        axisWord(0, { text: "hidden", textAnchor: "end" }),
        axisWord(1, { text: "all of it", textAnchor: "start" }),
      ]
      : []),
  ];
  return draw({
    width: 860,
    height: 74 + ROW * targets.length,
    marginLeft,
    marginRight: 236,
    marginTop: 26,
    marginBottom: 44,
    x: { domain: range },
    y: { domain: places, type: "band" },
    marks,
  }, {
    id: "ranking",
    label:
      `Sensitivities of ${targets.length} functions with 95 % intervals, the one that matters most first`,
  });
}
