/** The answer as a table for a terminal: which function matters, by how much, in words, with what is to be doubted. Pure. */
import { humanTime, type Paint } from "../../core/mod.ts";
import type { SweepResult, TargetResult } from "../result.ts";
import { breakLines, columnsOf, cutTo, fillTo } from "./columns.ts";
import { forestStrip } from "./forest_strip.ts";
import { plainText, shellLine } from "./plain_text.ts";
import {
  humanChange,
  humanEstimate,
  humanHits,
  humanSlope,
  humanSpan,
  isCalled,
  metricName,
  rankedTargets,
  stoppedText,
  targetSentence,
} from "./words.ts";

/** How text is written for a terminal. */
export interface TerminalOptions {
  paint: Paint;
  /** Columns; 80 where there is no terminal. */
  width: number;
  /** Whether the terminal shows more than ASCII: its locale is UTF-8. True where it is not said. */
  unicode?: boolean;
}

const LEAST_WIDTH = 60;
const LEAST_NAME = 12;
const LEAST_STRIP = 16;
const MOST_STRIP = 40;

interface Column {
  title: string;
  align: "left" | "right";
  cells: string[];
  /** Left out first: the greater, the sooner; 0 stays. */
  rank: number;
}

/** Columns but the name's. What says nothing about any target is left out. */
function columnsFor(result: SweepResult, targets: readonly TargetResult[]): Column[] {
  const { metric } = result.experiment;
  const slope = (value: number) => humanSlope(metric, value);
  const column = (title: string, rank: number, cell: (target: TargetResult) => string): Column => ({
    title,
    align: "right",
    rank,
    cells: targets.map((target) => isCalled(target) ? cell(target) : "-"),
  });
  const all = [
    column(
      "SENSITIVITY",
      0,
      ({ sensitivity }) => sensitivity === null ? "-" : humanEstimate(sensitivity, slope),
    ),
    { ...column("CLASS", 0, (target) => target.class), align: "left" as const },
    column("SLACK", 1, ({ slackNs }) => slackNs === null ? "-" : humanTime(slackNs.value)),
    column("BEYOND", 4, ({ beyond }) => beyond === null ? "-" : slope(beyond.value)),
    column("IF HALVED", 2, ({ gain }) => gain === null ? "-" : humanChange(metric, gain.value)),
    {
      title: "HITS/RUN",
      align: "right" as const,
      rank: 3,
      cells: targets.map(({ hitsPerRun }) => humanHits(hitsPerRun)),
    },
  ];
  return all.filter(({ rank, cells }) => rank === 0 || cells.some((cell) => cell !== "-"));
}

function widthOf({ title, cells }: Column): number {
  return Math.max(...[title, ...cells].map(columnsOf));
}

/** Leaves out columns until the name has room. */
function fitting(columns: readonly Column[], room: number): Column[] {
  const kept = [...columns];
  const taken = () => kept.reduce((sum, column) => sum + widthOf(column) + 2, 0);
  while (taken() > room) {
    const last = kept.reduce((most, column) => column.rank > most.rank ? column : most);
    if (last.rank === 0) break;
    kept.splice(kept.indexOf(last), 1);
  }
  return kept;
}

function rows(result: SweepResult, { width, unicode = true, paint }: TerminalOptions): string[] {
  const targets = rankedTargets(result);
  const names = targets.map(({ name, warnings }) => `${plainText(name)}${warnings.length > 0 ? " !" : ""}`);
  const longest = Math.max(8, ...names.map(columnsOf));
  const columns = fitting(columnsFor(result, targets), width - Math.min(longest, LEAST_NAME));
  const taken = columns.reduce((sum, column) => sum + widthOf(column) + 2, 0);
  const nameWidth = Math.max(LEAST_NAME, Math.min(longest, width - taken));
  const left = width - taken - nameWidth - 2;
  const strip = left >= LEAST_STRIP
    ? forestStrip(targets, { metric: result.experiment.metric, width: Math.min(MOST_STRIP, left), unicode })
    : null;
  const line = (name: string, cells: readonly string[], drawn: string | undefined) =>
    [
      fillTo(cutTo(name, nameWidth), nameWidth),
      ...columns.map((column, index) => fillTo(cells[index], widthOf(column), column.align)),
      ...(drawn === undefined ? [] : [drawn]),
    ].join("  ").trimEnd();
  return [
    paint.bold(line("FUNCTION", columns.map(({ title }) => title), strip?.axis)),
    ...targets.map((target, row) => {
      const text = line(names[row], columns.map(({ cells }) => cells[row]), strip?.lines[row]);
      if (!isCalled(target) || target.class === "hidden") return paint.dim(text);
      return target.class === "linear" || target.class === "super-linear" ? paint.accent(text) : text;
    }),
  ];
}

/** A paragraph: its first word stands out, further lines are indented. */
function paragraph(label: string, text: string, { width, style }: {
  width: number;
  style: (text: string) => string;
}): string[] {
  const [first, ...rest] = breakLines(`${label} ${text}`, width - 2);
  const begin = first.startsWith(label) ? `${style(label)}${first.slice(label.length)}` : first;
  return [begin, ...rest.map((line) => `  ${line}`)];
}

/** What was run, in two lines. */
function heading(result: SweepResult, { width, paint }: { width: number; paint: Paint }): string[] {
  const { experiment, cells, machine } = result;
  const failed = cells.failed > 0 ? [`${cells.failed} failed`] : [];
  const took = humanSpan((Date.parse(result.ended) - Date.parse(result.started)) * 1e6);
  const facts = [
    metricName(experiment.metric),
    stoppedText(result),
    ...failed,
    took,
    result.backend,
    machine.host,
  ];
  return [
    `${paint.bold("sb sweep")} ${cutTo(shellLine(experiment.command), width - 9)}`,
    ...breakLines(facts.map(plainText).join(", "), width - 2).map((line) => `  ${line}`),
  ];
}

/**
 * The ranking, a sentence for each target, and the warnings: 80 columns, narrower or wider as `width` says.
 *
 * @returns lines, the last with its end
 */
export function tableText(result: SweepResult, options: TerminalOptions): string {
  const width = Math.max(LEAST_WIDTH, options.width);
  const { paint } = options;
  const { metric } = result.experiment;
  const targets = rankedTargets(result);
  const isHalved = targets.some(({ gain }) => gain !== null);
  const warnings = [
    ...result.warnings.map((text) => ({ label: "warning:", text })),
    ...targets.flatMap(({ name, warnings }) =>
      warnings.map((text) => ({ label: "warning:", text: `${plainText(name)}: ${text}` }))
    ),
  ];
  return [
    ...heading(result, { width, paint }),
    "",
    ...rows(result, { ...options, width }),
    "",
    ...targets.flatMap((target) =>
      paragraph(`${plainText(target.name)}:`, `${targetSentence(target, metric)}.`, {
        width,
        style: paint.bold,
      })
    ),
    ...(isHalved
      ? [
        "",
        ...breakLines(
          "IF HALVED: how the result would change if the function took half its time; extrapolated, no run had it.",
          width,
        ).map(paint.dim),
      ]
      : []),
    ...(warnings.length > 0 ? [""] : []),
    ...warnings.flatMap(({ label, text }) =>
      paragraph(label, plainText(text), { width, style: paint.caution })
    ),
    "",
  ].join("\n");
}
