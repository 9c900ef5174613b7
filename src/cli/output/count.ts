/** Counts of kernel operations, as text and as JSON (`docs/json.md`). Pure. */
import {
  type CommandCount,
  type CountedProcess,
  type CountFigures,
  type CountReport,
  figuresDocument,
  humanTime,
  operationsOf,
  processDocument,
  type TreeCountReport,
} from "../../../mod.ts";
import { exact, type Paint } from "../../core/mod.ts";
import { alignColumns, type Column, humanCount, humanSize } from "./columns.ts";
import { envelope, jsonLine } from "./envelope.ts";
import { type Remark, remarkLines } from "./remarks.ts";
import { commandLine } from "./text.ts";

/** How a report is written. */
export interface CountTextOptions {
  paint: Paint;
  /** Leave out warnings and notes. */
  quiet: boolean;
  /** Processes shown at the most; the others are in the total. */
  mostRows?: number;
}

/** Processes shown at the most where nothing else is said. */
const MOST_ROWS = 40;

const FIGURES: readonly [title: string, name: keyof CountFigures][] = [
  ["kmalloc", "kmalloc"],
  ["kfree", "kfree"],
  ["kmalloc_mem", "kmallocBytes"],
  ["kfree_mem", "kfreeBytes"],
  ["sched", "sched"],
  ["up", "up"],
  ["down", "down"],
  ["lock", "lock"],
  ["unlock", "unlock"],
];

const COLUMNS: readonly Column[] = [
  { title: "PID", align: "right" },
  { title: "NAME", align: "left" },
  { title: "STATE", align: "left" },
  ...FIGURES.map(([title]): Column => ({ title, align: "right" })),
];

function figureCells(figures: CountFigures, show: (value: number) => string): string[] {
  return FIGURES.map(([, name]) => show(figures[name]));
}

function humanRate(rate: number): string {
  return rate === 0 || rate >= 100 ? humanCount(Math.round(rate)) : String(Number(rate.toPrecision(3)));
}

/** Those that did most lately, then those that did most, where there are too many; in the order in which they came. */
function chooseRows({ reading: { processes }, rates }: CountReport, most: number): readonly CountedProcess[] {
  if (processes.length <= most) return processes;
  const lately = ({ id }: CountedProcess) => operationsOf(rates.processes.get(id)!);
  const chosen = new Set(
    [...processes]
      .sort((one, other) =>
        lately(other) - lately(one) || operationsOf(other.figures) - operationsOf(one.figures)
      )
      .slice(0, most),
  );
  return processes.filter((process) => chosen.has(process));
}

/** The figures, a row a process, with the sum below; then the same a second, of those that did anything. */
function tables(result: CountReport, { paint, mostRows = MOST_ROWS }: CountTextOptions): string[] {
  const { reading, rates } = result;
  const shown = chooseRows(result, mostRows);
  const names = ({ pid, comm, state }: CountedProcess) => [pid === null ? "-" : String(pid), comm, state];
  const counts = shown.map((process) => [...names(process), ...figureCells(process.figures, humanCount)]);
  const perSecond = shown.flatMap((process) => {
    const lately = rates.processes.get(process.id)!;
    return operationsOf(lately) === 0 ? [] : [[...names(process), ...figureCells(lately, humanRate)]];
  });
  const isOne = reading.known === 1 && reading.dropped === 0;
  const total = isOne ? [] : [["", "total", "", ...figureCells(reading.total, humanCount)]];
  const totalRates = ["", isOne ? "per second" : "total", "", ...figureCells(rates.total, humanRate)];
  const [titles, ...lines] = alignColumns(COLUMNS, [
    ...counts,
    ...total,
    ...(isOne ? [] : perSecond),
    totalRates,
  ]);
  const split = counts.length + total.length;
  const hidden = reading.known - shown.length;
  return [
    "",
    paint.bold(titles),
    ...lines.slice(0, counts.length),
    ...(hidden > 0 ? [paint.dim(`and ${humanCount(hidden)} more, in the total (--json has all)`)] : []),
    ...lines.slice(counts.length, split),
    ...(isOne ? [] : ["", paint.bold(`per second, over ${humanTime(rates.intervalNs)}`)]),
    ...lines.slice(split),
  ];
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${humanCount(count)} ${count === 1 ? one : many}`;
}

/** What a reader must know beyond the figures. */
function countRemarks({ reading: { missed, untracked, dropped, total, processes } }: CountReport): Remark[] {
  const remarks: Remark[] = [];
  const warn = (text: string) => remarks.push({ kind: "warning", text });
  const note = (text: string) => remarks.push({ kind: "note", text });
  if (missed > 0) {
    warn(`${counted(missed, "descendant")} could not be followed: nothing of them is in the figures`);
  }
  if (untracked > 0) {
    warn(
      `${
        counted(untracked, "allocation")
      } found the tracer's table of sizes full: kfree_mem is too small by what of them was freed`,
    );
  }
  if (dropped > 0) {
    note(
      `${counted(dropped, "process", "processes")} that ended gave way to others: they are in the total only`,
    );
  }
  const left = processes.filter(({ state }) => state === "left").length;
  if (left > 0) {
    note(
      `${counted(left, "process", "processes")} executed a program with other rights: counted no further`,
    );
  }
  if (total.unknown > 0) {
    note(
      `${
        humanCount(total.unknown)
      } of the calls of kfree freed memory of unknown size (not from __kmalloc, or not of a counted process): no part of kfree_mem`,
    );
  }
  return remarks;
}

/** @param head what is counted, and facts about it */
function report(
  head: readonly [string, ...string[]],
  result: CountReport,
  options: CountTextOptions,
): string {
  const remarks = options.quiet ? [] : countRemarks(result);
  const [what, ...facts] = head;
  return [
    `${options.paint.bold("sb count")} ${what}`,
    `  ${facts.join("  ")}`,
    ...tables(result, options),
    ...(remarks.length > 0 ? [""] : []),
    "",
  ].join("\n") + remarkLines(remarks, options.paint);
}

/** The report of a command. */
export function commandCountText(result: CommandCount, options: CountTextOptions): string {
  return report(
    [
      commandLine(result.command),
      result.signal === null ? `exit ${result.exit}` : `ended by ${result.signal}`,
      `wall ${humanTime(result.wallNs)}`,
      `user ${humanTime(result.userNs)}`,
      `sys ${humanTime(result.sysNs)}`,
      `max rss ${humanSize(result.maxRssBytes)}`,
      counted(result.reading.known + result.reading.dropped, "process", "processes"),
    ],
    result,
    options,
  );
}

const ENDED: Readonly<Record<NonNullable<TreeCountReport["ended"]>, string>> = {
  interrupted: "interrupted",
  time: "time is up",
  exited: "the process tree ended",
};

/** The report of a running tree, at an interval or at its end. */
export function treeCountText(result: TreeCountReport, options: CountTextOptions): string {
  const { reading, ended } = result;
  return report(
    [
      `${result.pid} (${result.comm})`,
      ended === null ? "going on" : ENDED[ended],
      `wall ${humanTime(result.wallNs)}`,
      `${counted(reading.known + reading.dropped, "process", "processes")}, ${humanCount(reading.live)} live`,
    ],
    result,
    { ...options, quiet: options.quiet || ended === null },
  );
}

function reportJson({ reading, rates }: CountReport) {
  return {
    interval_ns: exact(rates.intervalNs),
    processes: reading.processes.map((process) => ({
      ...processDocument(process),
      per_second: figuresDocument(rates.processes.get(process.id)!),
    })),
    total: { ...figuresDocument(reading.total), per_second: figuresDocument(rates.total) },
    known: exact(reading.known),
    live: exact(reading.live),
    dropped: exact(reading.dropped),
    missed: exact(reading.missed),
    untracked: exact(reading.untracked),
  };
}

/** `count --json -- COMMAND`. */
export function commandCountJson(result: CommandCount): string {
  return jsonLine({
    ...envelope(),
    command: result.command,
    exit: result.exit,
    signal: result.signal,
    wall_ns: exact(result.wallNs),
    user_ns: exact(result.userNs),
    sys_ns: exact(result.sysNs),
    max_rss_bytes: exact(result.maxRssBytes),
    ...reportJson(result),
  });
}

/** A line of `count --pid --json`: one at each interval, and the last with `ended` set. */
export function treeCountJson(result: TreeCountReport): string {
  return jsonLine({
    ...envelope(),
    pid: result.pid,
    comm: result.comm,
    ended: result.ended,
    wall_ns: exact(result.wallNs),
    ...reportJson(result),
  });
}
