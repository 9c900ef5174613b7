/** The reports of runs and attachments for people: a line of facts, a table of probes, warnings. Pure. */
import type { Paint } from "../../core/mod.ts";
import {
  type AttachResult,
  formatSpec,
  humanTime,
  type ProbeReport,
  type RunResult,
  type SessionResult,
  siteName,
} from "../../../mod.ts";
import { alignColumns, type Column, humanCount, humanSize } from "./columns.ts";
import { findWarnings, percent } from "./warnings.ts";

/** How a report is written. */
export interface TextOptions {
  paint: Paint;
  /** Leave out warnings and notes. */
  quiet: boolean;
}

/** Probes shown at the most; the rest is summed up. */
const MOST_ROWS = 40;

const COLUMNS: readonly Column[] = [
  { title: "TARGET", align: "left" },
  { title: "HITS", align: "right" },
  { title: "DELAYED", align: "right" },
  { title: "ASKED", align: "left" },
  { title: "MEAN", align: "right" },
  { title: "P50", align: "right" },
  { title: "P99", align: "right" },
  { title: "MAX", align: "right" },
  { title: "ADDED", align: "right" },
  { title: "OF WALL", align: "right" },
  { title: "FLOOR", align: "right" },
  { title: "SITE", align: "left" },
];

/** The report of a run. */
export function runText(result: RunResult, options: TextOptions): string {
  const how = result.signal === null ? `exit ${result.exit}` : `ended by ${result.signal}`;
  const { paint } = options;
  const facts = [
    how,
    `wall ${humanTime(result.wallNs)}`,
    `user ${humanTime(result.userNs)}`,
    `sys ${humanTime(result.sysNs)}`,
    `max rss ${humanSize(result.maxRssBytes)}`,
    `${result.backend}, ${result.isolation}`,
  ];
  return [
    `${paint.bold("sb run")} ${commandLine(result.command)}`,
    `  ${facts.join("  ")}`,
    ...probeLines(result, options),
    "",
  ].join("\n");
}

/** The report of an attachment, at an interval or at its end. */
export function attachText(result: AttachResult, options: TextOptions): string {
  const { paint } = options;
  const ended = {
    interrupted: "interrupted",
    time: "time is up",
    exited: "the process tree ended",
  };
  const how = result.ended === null ? "going on" : ended[result.ended];
  const facts = [how, `wall ${humanTime(result.wallNs)}`, `${result.backend}, ${result.isolation}`];
  return [
    `${paint.bold("sb attach")} ${result.pid} (${result.comm})`,
    `  ${facts.join("  ")}`,
    ...probeLines(result, { ...options, quiet: options.quiet || result.ended === null }),
    "",
  ].join("\n");
}

/** A command line as a shell would read it back. */
export function commandLine(command: readonly string[]): string {
  return command.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
    .join(" ");
}

function probeLines(result: SessionResult, options: TextOptions): string[] {
  const { paint } = options;
  const shown = chooseRows(result.probes);
  const [titles, ...rows] = alignColumns(COLUMNS, shown.map((report) => cells(report, result.wallNs)));
  const lines = ["", paint.bold(titles), ...rows];
  const hidden = result.probes.length - shown.length;
  if (hidden > 0) {
    const rest = result.probes.filter((report) => !shown.includes(report));
    const hits = rest.reduce((sum, report) => sum + report.statistics.hits, 0);
    const addedNs = rest.reduce((sum, report) => sum + report.statistics.addedNs, 0);
    lines.push(
      paint.dim(
        `and ${humanCount(hidden)} more: ${humanCount(hits)} hits, ${
          humanTime(addedNs)
        } added (--json has all)`,
      ),
    );
  }
  if (options.quiet) return lines;
  const overheadNs = result.probes.reduce((sum, report) => sum + report.statistics.overheadNs, 0);
  if (overheadNs > 0) {
    const share = percent(overheadNs / Math.max(1, result.wallNs));
    lines.push(
      "",
      paint.dim(`hits that were not delayed cost about ${humanTime(overheadNs)} in all (${share} of wall)`),
    );
  }
  const warnings = findWarnings(result);
  if (warnings.length + result.notes.length > 0) lines.push("");
  for (const warning of warnings) {
    lines.push(`${paint.caution("warning:")} ${warning.text}`);
    if (warning.hint !== undefined) lines.push(`${paint.bold("hint:")} ${warning.hint}`);
  }
  for (const note of result.notes) lines.push(`${paint.bold("note:")} ${note}`);
  return lines;
}

/** All probes when they are few; otherwise those that added most, then those that were hit most. */
function chooseRows(probes: readonly ProbeReport[]): readonly ProbeReport[] {
  if (probes.length <= MOST_ROWS) return probes;
  return [...probes]
    .sort((a, b) => b.statistics.addedNs - a.statistics.addedNs || b.statistics.hits - a.statistics.hits)
    .slice(0, MOST_ROWS);
}

function cells({ plan, floor, statistics }: ProbeReport, wallNs: number): string[] {
  const time = (ns: number | null) => ns === null ? "-" : humanTime(ns);
  return [
    plan.target,
    humanCount(statistics.hits),
    humanCount(statistics.delayed),
    formatSpec(plan.spec),
    time(statistics.meanNs),
    time(statistics.p50Ns),
    time(statistics.p99Ns),
    time(statistics.maxNs),
    statistics.delayed === 0 ? "-" : humanTime(statistics.addedNs),
    statistics.delayed === 0 ? "-" : percent(statistics.addedNs / Math.max(1, wallNs)),
    floor.source === "calibrated" ? humanTime(floor.ns) : "unknown",
    siteName(plan),
  ];
}
