/**
 * Response curves for a terminal, in Braille dots, or ASCII. Own code: of the packages that plot in terminals the kept ones draw a
 * series over its index, and none has points with a place of their own beside a line.
 */
import type { CellRecord } from "../model.ts";
import type { SweepResult } from "../result.ts";
import { columnsOf, cutTo, fillTo } from "./columns.ts";
import { type Curve, curveOf, type Point } from "./curve.ts";
import {
  axisName,
  type Range,
  rangeOf,
  resultUnit,
  shortMetric,
  timeUnit,
  type Unit,
  widened,
} from "./axes.ts";
import { plainText } from "./plain_text.ts";
import type { TerminalOptions } from "./table.ts";
import { rankedTargets } from "./words.ts";

/** How curves are plotted. */
export interface PlotTextOptions extends TerminalOptions {
  /** Lines of each picture, its axis without; 8 where it is not said. */
  height?: number;
}

const LEAST_WIDTH = 60;
const MOST_COLUMNS = 3;
const LEAST_PANEL = 38;
const GAP = 2;
/** So many fit on a screen or two; the report has all. */
const MOST_PICTURES = 6;
const HEIGHT = 8;

/** Bits of a Braille character by row and column of its dots (Unicode, block U+2800). */
const BRAILLE = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/** A field of characters that points and lines are drawn on. */
class Canvas {
  readonly #cells: { dots: number; sign: string | null }[][];

  constructor(readonly width: number, readonly height: number, readonly isBraille: boolean) {
    this.#cells = Array.from(
      { length: height },
      () => Array.from({ length: width }, () => ({ dots: 0, sign: null })),
    );
  }

  /** @param x 0 to 1 from the left @param y 0 to 1 from below */
  dot({ x, y }: Point, sign: string): void {
    if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) return;
    const [columns, rows] = this.isBraille ? [2, 4] : [1, 1];
    const column = Math.min(this.width * columns - 1, Math.floor(x * this.width * columns));
    const row = Math.min(this.height * rows - 1, Math.floor((1 - y) * this.height * rows));
    const cell = this.#cells[Math.floor(row / rows)][Math.floor(column / columns)];
    if (this.isBraille) cell.dots |= BRAILLE[row % rows][column % columns];
    else cell.sign ??= sign;
  }

  /** A character that stands over all dots. */
  sign({ x, y }: Point, sign: string): void {
    if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) return;
    const column = Math.min(this.width - 1, Math.floor(x * this.width));
    const row = Math.min(this.height - 1, Math.floor((1 - y) * this.height));
    this.#cells[row][column].sign = sign;
  }

  line(from: Point, to: Point, sign: string): void {
    const steps = 4 * Math.max(this.width, this.height);
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      this.dot({ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }, sign);
    }
  }

  lines(): string[] {
    return this.#cells.map((row) =>
      row.map(({ dots, sign }) => sign ?? (dots === 0 ? " " : String.fromCharCode(0x2800 + dots))).join("")
    );
  }
}

/** Signs of what is drawn. */
const SIGNS = {
  unicode: { level: "●", axis: "┤", corner: "└", floor: "─" },
  ascii: { level: "O", axis: "|", corner: "+", floor: "-" },
} as const;

function axisNumber(value: number, { size }: Unit): string {
  return String(Number((value / size).toPrecision(3)));
}

/** One picture: a title, the field with its numbers at the left, the axis below. Lines of the same width. */
function panel(
  curve: Curve,
  { width, height, unicode, metric, bold }: {
    width: number;
    height: number;
    unicode: boolean;
    metric: SweepResult["experiment"]["metric"];
    bold: (text: string) => string;
  },
): string[] {
  const rangeY = widened(rangeOf(curve), 0.04);
  const most = curve.spanNs;
  const rangeX: Range = [-0.02 * most, 1.02 * most];
  const unitX = timeUnit(most);
  const unitY = resultUnit(metric, Math.max(...rangeY.map(Math.abs)));
  const place = ({ x, y }: Point): Point => ({
    x: (x - rangeX[0]) / (rangeX[1] - rangeX[0]),
    y: (y - rangeY[0]) / (rangeY[1] - rangeY[0]),
  });
  const labels = new Map<number, string>();
  const rowOf = (y: number) => Math.min(height - 1, Math.floor((1 - place({ x: 0, y }).y) * height));
  for (const y of [rangeOf(curve)[1], rangeOf(curve)[0], 0]) labels.set(rowOf(y), axisNumber(y, unitY));
  const margin = Math.max(...[...labels.values()].map(columnsOf));
  const signs = unicode ? SIGNS.unicode : SIGNS.ascii;
  const canvas = new Canvas(width - margin - 1, height, unicode);
  // What is drawn first stays in ASCII, where a character has one sign.
  for (const level of curve.levels) canvas.sign(place(level), signs.level);
  for (let at = 1; at < curve.fit.length; at++) {
    canvas.line(place(curve.fit[at - 1]), place(curve.fit[at]), "*");
  }
  for (const cell of curve.cells) canvas.dot(place(cell), ".");
  const field = canvas.lines().map((line, row) => {
    const label = labels.get(row);
    return `${fillTo(label ?? "", margin, "right")}${
      label === undefined ? (unicode ? "│" : "|") : signs.axis
    }${line}`;
  });
  const end = `${axisNumber(most, unitX)} ${unitX.name}`;
  const floor = `${" ".repeat(margin)}${signs.corner}${signs.floor.repeat(width - margin - 1)}`;
  const name = cutTo(plainText(curve.target.name), width);
  const what = axisName(`change of ${shortMetric(metric)}`, unitY);
  const added = "time added to a run";
  const axis = `${" ".repeat(margin + 1)}0${
    fillTo(added, width - margin - 2 - end.length - 1, "right")
  } ${end}`;
  return [
    bold(name) + " ".repeat(width - columnsOf(name)),
    fillTo(cutTo(what, width), width),
    ...field,
    floor,
    fillTo(cutTo(axis, width), width),
  ];
}

/**
 * Response curves side by side as the width allows, in the order of the ranking, the first six; functions that never ran are left
 * out.
 *
 * @returns lines, the last with its end; nothing without a curve
 */
export function plotText(
  result: SweepResult,
  records: readonly CellRecord[],
  { paint, width, height = HEIGHT, unicode = true }: PlotTextOptions,
): string {
  const { metric } = result.experiment;
  const room = Math.max(LEAST_WIDTH, width);
  const curves = rankedTargets(result).map((target) => curveOf(target, { result, records }))
    .filter((curve): curve is Curve => curve !== null && curve.cells.length > 0);
  const shown = curves.slice(0, MOST_PICTURES);
  const columns = Math.max(
    1,
    Math.min(MOST_COLUMNS, shown.length, Math.floor((room + GAP) / (LEAST_PANEL + GAP))),
  );
  const own = Math.min(72, Math.floor((room - GAP * (columns - 1)) / columns));
  const panels = shown.map((curve) =>
    panel(curve, { width: own, height, unicode, metric, bold: paint.bold })
  );
  const lines: string[] = [];
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    if (first > 0) lines.push("");
    for (let line = 0; line < row[0].length; line++) {
      lines.push(row.map((panel) => panel[line]).join(" ".repeat(GAP)).trimEnd());
    }
  }
  const left = curves.length - shown.length;
  if (left > 0) lines.push("", `and ${left} more in the report`);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
