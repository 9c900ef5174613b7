/** The noise in the order of the runs: what each cell differs by from the others of its kind. A machine that drifts shows here. */
import * as Plot from "npm:@observablehq/plot@0.6.17";
import { humanTime } from "../../../core/mod.ts";
import { median } from "../../../stats/mod.ts";
import { usableCells } from "../../measurements.ts";
import type { CellRecord } from "../../model.ts";
import type { SweepResult } from "../../result.ts";
import { plainText } from "../plain_text.ts";
import { leastOf, MOST_DOTS, mostOf, scatterOf, thinned } from "../samples.ts";
import { humanChange } from "../words.ts";
import { draw, type Picture } from "./draw.ts";
import { type Range, shortMetric, widened } from "../axes.ts";
import { colour } from "./theme.ts";

/** Blocks beyond so many share bars with their neighbours. */
const MOST_BARS = 200;

/** A cell, and what it differs by from the middle of its target and delay. */
export interface Deviation {
  record: CellRecord;
  /** Seconds from the first cell. */
  at: number;
  /** Of the middle of all results without a delay. */
  percent: number;
  difference: number;
}

/** Deviations in the order of the runs; cells without a result are left out. */
export function deviationsOf(records: readonly CellRecord[]): Deviation[] {
  const cells = usableCells(records);
  const kinds = Map.groupBy(cells, ({ target, delayNs }) => `${delayNs} ${target}`);
  const middles = new Map([...kinds].map(([kind, own]) => [kind, median(own.map(({ result }) => result))]));
  const plain = Math.abs(median(cells.filter(({ delayNs }) => delayNs === 0).map(({ result }) => result))) ||
    1;
  const first = leastOf(records.map(({ started }) => Date.parse(started)));
  return cells.map((record) => {
    const difference = record.result - (middles.get(`${record.delayNs} ${record.target}`) ?? record.result);
    return {
      record,
      difference,
      at: (Date.parse(record.started) - first) / 1000,
      percent: 100 * difference / plain,
    };
  });
}

/** Draws the deviations of all cells, and the middle of each block. */
export function drawDrift({ experiment: { metric } }: SweepResult, records: readonly CellRecord[]): Picture {
  const deviations = deviationsOf(records);
  const scatter = scatterOf(deviations.map(({ percent }) => percent));
  const sizes = deviations.map(({ percent }) => Math.abs(percent));
  const most = mostOf(sizes.filter((size) => size <= 6 * scatter), 0.1);
  const range = widened([-most, most], 0.08);
  const failed = records.filter((record) => usableCells([record]).length === 0);
  const first = leastOf(records.map(({ started }) => Date.parse(started)));
  const together = Math.ceil(mostOf(deviations.map(({ record }) => record.repeat + 1), 1) / MOST_BARS);
  const blocks = [...Map.groupBy(deviations, ({ record }) => Math.floor(record.repeat / together))].map((
    [bar, own],
  ) => ({
    block: bar * together,
    x1: leastOf(own.map(({ at }) => at)),
    x2: mostOf(own.map(({ at, record }) => at + record.wallNs / 1e9)),
    middle: median(own.map(({ percent }) => percent)),
  }));
  const end = mostOf(blocks.map(({ x2 }) => x2), 1);
  const unit = end > 180 ? { size: 60, name: "min" } : { size: 1, name: "s" };
  const drawn = thinned(deviations, MOST_DOTS.ofAll);
  const isInside = ({ percent }: Deviation) => Math.abs(percent) <= range[1];
  const title = ({ record, difference }: Deviation) =>
    `${plainText(record.target)} with ${humanTime(record.delayNs)}, run ${record.repeat + 1}: ${
      humanChange(metric, difference)
    }`;
  const x = ({ at }: { at: number }) => at / unit.size;
  const domain: Range = [0, end / unit.size];
  return draw(
    {
      width: 860,
      height: 220,
      marginLeft: 52,
      marginRight: 18,
      marginTop: 30,
      marginBottom: 42,
      x: { domain },
      y: { domain: range },
      marks: [
        Plot.gridY({ stroke: colour("faint"), strokeOpacity: 1 }),
        Plot.ruleY([0], { stroke: colour("muted") }),
        Plot.dot(drawn.filter(isInside), {
          x,
          y: "percent",
          r: 2.2,
          fill: colour("muted"),
          fillOpacity: 0.6,
          title,
          className: "runs",
        }),
        Plot.dot(drawn.filter((one) => !isInside(one)), {
          x,
          y: ({ percent }: Deviation) => percent > 0 ? range[1] : range[0],
          symbol: "triangle",
          rotate: ({ percent }: Deviation) => percent > 0 ? 0 : 180,
          r: 3,
          fill: colour("muted"),
          title,
          className: "runs",
        }),
        Plot.link(blocks, {
          x1: ({ x1 }: { x1: number }) => x1 / unit.size,
          x2: ({ x2 }: { x2: number }) => x2 / unit.size,
          y: "middle",
          stroke: colour("linear"),
          strokeWidth: 3,
          title: ({ block, middle }: { block: number; middle: number }) =>
            `block ${block + 1}: ${middle.toFixed(2)} % in the middle`,
          className: "blocks",
        }),
        Plot.dot(failed, {
          x: ({ started }: CellRecord) => (Date.parse(started) - first) / 1000 / unit.size,
          y: range[0],
          symbol: "times",
          r: 5,
          stroke: colour("failed"),
          strokeWidth: 2,
          title: ({ target, delayNs }: CellRecord) =>
            `${plainText(target)} with ${humanTime(delayNs)}: failed`,
          className: "failed",
        }),
        Plot.axisX({ label: null, color: colour("muted") }),
        Plot.axisY({ label: null, ticks: 5, color: colour("muted") }),
        Plot.text([`Since the first run (${unit.name}) →`], {
          frameAnchor: "bottom-right",
          dy: 34,
          fill: colour("ink"),
        }),
        Plot.text([`↑ Deviation of ${shortMetric(metric)} (%)`], {
          frameAnchor: "top-left",
          dx: -44,
          dy: -20,
          fill: colour("ink"),
        }),
      ],
    },
    {
      id: "drift",
      label:
        `What each of ${drawn.length} runs differed by from the others of its kind, in the order of the runs`,
    },
  );
}
