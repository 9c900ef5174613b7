/** Sensitivities with their intervals as characters: what a forest plot is on a terminal. Pure. */
import type { Metric } from "../model.ts";
import type { TargetResult } from "../result.ts";
import { humanSlope, isCalled } from "./words.ts";

/** An axis and a line for each target. */
export interface ForestStrip {
  axis: string;
  lines: string[];
}

/** What is drawn with. */
const MARKS = {
  unicode: { line: "─", point: "●", zero: "│", low: "├", high: "┤" },
  ascii: { line: "-", point: "o", zero: "|", low: "|", high: "|" },
} as const;

/** Draws the intervals of targets over one axis, 0 always on it. @param width columns, 16 at least */
export function forestStrip(
  targets: readonly TargetResult[],
  { metric, width, unicode }: { metric: Metric; width: number; unicode: boolean },
): ForestStrip {
  const shown = targets.map((target) => isCalled(target) ? target.sensitivity : null);
  const known = shown.filter((estimate) => estimate !== null);
  const ends = known.flatMap(({ low, high }) => [low, high]);
  // One interval that says nothing shall not make all others points.
  const values = known.map(({ value }) => value);
  const reach = 1.5 * Math.max(0, ...values.map(Math.abs));
  const least = Math.max(Math.min(0, ...ends), reach > 0 ? -reach : -Infinity);
  const most = Math.min(Math.max(0, ...ends), reach > 0 ? reach : Infinity);
  const span = most - least || 1;
  const at = (value: number) => Math.round(Math.min(1, Math.max(0, (value - least) / span)) * (width - 1));
  const marks = unicode ? MARKS.unicode : MARKS.ascii;
  const lines = shown.map((estimate) => {
    const cells = Array<string>(width).fill(" ");
    cells[at(0)] = marks.zero;
    if (estimate === null) return cells.join("").trimEnd();
    for (let cell = at(estimate.low); cell <= at(estimate.high); cell++) cells[cell] = marks.line;
    if (at(estimate.low) < at(estimate.value) && estimate.low >= least) cells[at(estimate.low)] = marks.low;
    if (at(estimate.high) > at(estimate.value) && estimate.high <= most) {
      cells[at(estimate.high)] = marks.high;
    }
    cells[at(estimate.value)] = marks.point;
    return cells.join("").trimEnd();
  });
  const labels = [{ value: 0, text: "0" }, { value: most, text: humanSlope(metric, most) }];
  const axis = Array<string>(width).fill(" ");
  for (const { value, text } of labels) {
    const start = Math.max(0, Math.min(width - text.length, at(value) - (text.length >> 1)));
    const isFree = axis.slice(start, start + text.length).every((cell) => cell === " ");
    if (isFree) axis.splice(start, text.length, ...text);
  }
  return { axis: axis.join(""), lines };
}
