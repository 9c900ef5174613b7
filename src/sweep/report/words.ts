/** What every output says in the same words: results and slopes as text, and one sentence a target. Pure. */
import { humanTime } from "../../core/mod.ts";
import type { Estimate } from "../../stats/mod.ts";
import { isTime } from "../metric.ts";
import type { Metric } from "../model.ts";
import type { Gain, SweepResult, TargetResult } from "../result.ts";
import { plainText, shellLine } from "./plain_text.ts";

/** A slope this close to one is "all of it". */
const NEARLY = 0.1;

/** What is measured, in a few words. */
export function metricName(metric: Metric): string {
  switch (metric.kind) {
    case "wall":
      return "wall time";
    case "cpu":
      return "user+sys time";
    case "regex":
      return plainText(`/${metric.pattern}/`);
    case "json":
      return plainText(metric.path);
    case "command":
      return shellLine(metric.command);
  }
}

/** A number with four significant digits, thousands apart. */
export function humanNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e12)) return value.toExponential(2);
  return value.toLocaleString("en-US", {
    maximumSignificantDigits: size >= 1e4 ? Math.ceil(Math.log10(size)) : 4,
  });
}

/** A time of minutes or hours too: `2 min 31 s`. @param ns nanoseconds */
export function humanSpan(ns: number): string {
  const seconds = Math.round(ns / 1e9);
  if (seconds < 120) return humanTime(ns);
  const minutes = Math.floor(seconds / 60);
  return minutes < 120
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A count that may be a mean: whole, thousands apart. */
export function humanHits(hits: number): string {
  return Math.round(hits).toLocaleString("en-US");
}

/** A result, or a change of one, in its unit. */
export function humanResult(metric: Metric, value: number): string {
  return isTime(metric) ? humanTime(value) : humanNumber(value);
}

/** The same with its sign: a change. */
export function humanChange(metric: Metric, value: number): string {
  return `${value > 0 ? "+" : ""}${humanResult(metric, value)}`;
}

/** A slope: two decimals for time, where 1 is everything; four digits otherwise. */
export function humanSlope(metric: Metric, slope: number): string {
  if (!isTime(metric)) return humanNumber(slope);
  const text = Math.abs(slope) < 99.95 ? slope.toFixed(2) : humanNumber(slope);
  return text === "-0.00" ? "0.00" : text;
}

/** `0.98 [0.95, 1.01]`; without brackets where there were too few runs for an interval. */
export function humanEstimate({ value, low, high }: Estimate, write: (value: number) => string): string {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return write(value);
  return `${write(value)} [${write(low)}, ${write(high)}]`;
}

/** What half of a function's time would give: the change with its interval, the result then, and the change in percent. */
export function gainText(gain: Gain, metric: Metric): string {
  const percent = 100 * gain.value / (gain.result - gain.value);
  const share = Number.isFinite(percent)
    ? ` (${percent > 0 ? "+" : ""}${Number(percent.toPrecision(2))} %)`
    : "";
  const change = humanEstimate(gain, (value) => humanChange(metric, value));
  return `${change}, to ${humanResult(metric, gain.result)}${share}`;
}

/** Whether its functions were executed at all. */
export function isCalled({ hitsPerRun, levels }: TargetResult): boolean {
  return hitsPerRun > 0 || levels.length === 0;
}

function isAll({ low, high, value }: Estimate): boolean {
  return Math.abs(value - 1) <= NEARLY && low <= 1 + NEARLY && high >= 1 - NEARLY;
}

/** "0.98 µs of every µs", or "all of it". */
function shareText(slope: Estimate): string {
  return isAll(slope) ? "all of it" : `${slope.value.toFixed(2)} µs of every µs`;
}

/** The slack as a person counts it: in a run, and in a call. */
function slackText({ slackNs, hitsPerRun }: TargetResult): string {
  if (slackNs === null) return "";
  const each = hitsPerRun > 0 ? ` (${humanTime(slackNs.value / hitsPerRun)} a call)` : "";
  return `up to ${humanTime(slackNs.value)} a run${each}`;
}

function timeSentence(target: TargetResult, sensitivity: Estimate): string {
  const { beyond } = target;
  const value = sensitivity.value.toFixed(2);
  const later = beyond === null ? "" : beyond.value.toFixed(2);
  switch (target.class) {
    case "linear":
      return sensitivity.value < 0
        ? `every µs added to it takes ${(-sensitivity.value).toFixed(2)} µs off the result`
        : `every µs added to it is ${value} µs of the result`;
    case "hidden":
      return `hidden: what is added to it does not reach the result`;
    case "threshold":
      return `hidden ${slackText(target)}, then ${beyond === null ? "no longer" : shareText(beyond)}`;
    case "sub-linear":
      return `every µs added to it is ${value} µs of the result at first, later only ${later}`;
    case "super-linear":
      return `every µs added to it is ${value} µs of the result at first, later ${later}: others wait for it`;
    case "unclear":
      return `not told apart from noise: between ${sensitivity.low.toFixed(2)} and ${
        sensitivity.high.toFixed(2)
      } µs of every µs`;
  }
}

/** Slopes are per second added; a millisecond is nearer to what was tried. */
function otherSentence(target: TargetResult, sensitivity: Estimate): string {
  const { beyond } = target;
  const perMs = (slope: number) => {
    const change = humanNumber(slope / 1000);
    return slope > 0 ? `+${change}` : change;
  };
  const each = `every ms added to a run changes the result by ${perMs(sensitivity.value)}`;
  const later = beyond === null ? "" : perMs(beyond.value);
  switch (target.class) {
    case "linear":
      return each;
    case "hidden":
      return "hidden: what is added to it does not reach the result";
    case "threshold":
      return `hidden ${slackText(target)}, then every ms changes the result by ${later}`;
    case "sub-linear":
      return `${each} at first, later only by ${later}`;
    case "super-linear":
      return `${each} at first, later by ${later}: others wait for it`;
    case "unclear":
      return `not told apart from noise: every ms added changes the result by ${perMs(sensitivity.low)} to ${
        perMs(sensitivity.high)
      }`;
  }
}

/** What is known of a target, in one plain sentence without its name and without a point. */
export function targetSentence(target: TargetResult, metric: Metric): string {
  if (!isCalled(target)) return "never called";
  if (target.sensitivity === null) return "too few cells to tell";
  return isTime(metric)
    ? timeSentence(target, target.sensitivity)
    : otherSentence(target, target.sensitivity);
}

/** Targets in the order of the ranking. */
export function rankedTargets(
  { targets, ranking }: Pick<SweepResult, "targets" | "ranking">,
): TargetResult[] {
  const place = (name: string) => {
    const at = ranking.indexOf(name);
    return at < 0 ? ranking.length : at;
  };
  return targets.toSorted((first, second) => place(first.name) - place(second.name));
}

/** Why the sweep ended, when it did not simply have all its cells. */
export function stoppedText({ stopped, cells }: Pick<SweepResult, "stopped" | "cells">): string {
  const of = `${cells.done.toLocaleString("en-US")} of ${cells.planned.toLocaleString("en-US")} cells`;
  switch (stopped) {
    case "complete":
      return `${cells.done.toLocaleString("en-US")} cells`;
    case "narrow":
      return `${of}: the intervals were narrow enough`;
    case "budget":
      return `${of}: the time was up`;
    case "failures":
      return `${of}: too many failed`;
    case "interrupted":
      return `${of}: interrupted`;
  }
}
