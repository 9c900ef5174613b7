/** The metric of an experiment: how it is written, and how it is read off what a command wrote. Pure. */
import { SbError } from "../core/mod.ts";
import type { Better, Metric } from "./model.ts";

/** A metric as it is written: one of the four. */
export interface MetricAsked {
  /** `wall`, or `user+sys`. */
  word?: string;
  regex?: string;
  json?: string;
  command?: readonly string[];
  better?: Better;
}

function refuse(what: string, seen: string, hint: string): never {
  throw new SbError("usage.sweep", `Cannot measure ${what}: ${seen}`, { hint });
}

/** Reads a metric. @throws SbError `usage.sweep` */
export function readMetric(asked: MetricAsked): Metric {
  const named = (["word", "regex", "json", "command"] as const).filter((key) => asked[key] !== undefined);
  if (named.length !== 1) {
    return refuse(
      "this metric",
      `${named.length} ways are named`,
      'Name one: "wall", "user+sys", regex, json or command',
    );
  }
  if (asked.word !== undefined) {
    if (asked.better !== undefined) {
      refuse(`"${asked.word}"`, "less time is always better", "Leave better out");
    }
    if (asked.word === "wall") return { kind: "wall" };
    if (asked.word === "user+sys") return { kind: "cpu" };
    return refuse(`"${asked.word}"`, "there is no such metric", 'Use "wall" or "user+sys"');
  }
  const better = asked.better ?? "lower";
  if (asked.regex !== undefined) {
    const groups = groupsOf(asked.regex);
    if (groups < 1) {
      refuse(`/${asked.regex}/`, "it has no group", "Put brackets around the number: ([0-9.]+)");
    }
    return { kind: "regex", pattern: asked.regex, better };
  }
  if (asked.json !== undefined) {
    readPath(asked.json);
    return { kind: "json", path: asked.json, better };
  }
  if (!asked.command || asked.command.length === 0) {
    refuse("by a command", "it is empty", 'Write ["PROGRAM", "ARGUMENT"]');
  }
  return { kind: "command", command: asked.command as readonly string[], better };
}

/** Whether the metric reads what the command wrote. */
export function readsOutput(metric: Metric): boolean {
  return metric.kind !== "wall" && metric.kind !== "cpu";
}

/** Whether a result is a time in nanoseconds, so that sensitivities have no unit. */
export function isTime(metric: Metric): boolean {
  return !readsOutput(metric);
}

function groupsOf(pattern: string): number {
  try {
    // An alternative that matches nothing gives all groups.
    return (new RegExp(`${pattern}|`, "mu").exec("") as RegExpExecArray).length - 1;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse(`/${pattern}/`, error.message, "Mend the regular expression");
  }
}

/** `.runs[0].seconds` → its steps. @throws SbError `usage.sweep` */
function readPath(path: string): (string | number)[] {
  if (!/^(\.[A-Za-z_][\w-]*|\[-?\d+\])+$/.test(path)) {
    refuse(`"${path}"`, "it is no path", 'Write for example ".qps" or ".runs[0].seconds"');
  }
  return [...path.matchAll(/\.([A-Za-z_][\w-]*)|\[(-?\d+)\]/g)].map(([, name, index]) =>
    name ?? Number(index)
  );
}

/** The number that a text says; null when it says none. */
export function readNumber(text: string): number | null {
  const trimmed = text.trim();
  if (!/^[+-]?(\d[\d_']*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return null;
  return finite(Number(trimmed.replace(/[_']/g, "")));
}

/** `1e999` is no number to compute with. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Reads the result off what the command wrote. @returns null when it is not there */
export function readResult(
  metric: Extract<Metric, { kind: "regex" | "json" }>,
  output: string,
): number | null {
  if (metric.kind === "regex") {
    const last = [...output.matchAll(new RegExp(metric.pattern, "gmu"))].at(-1);
    return last?.[1] === undefined ? null : readNumber(last[1]);
  }
  const document = lastDocument(output);
  let value: unknown = document;
  for (const step of readPath(metric.path)) {
    if (typeof value !== "object" || value === null) return null;
    if (typeof step === "string") {
      value = Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
    } else value = Array.isArray(value) ? value.at(step) : undefined;
  }
  return typeof value === "number" ? finite(value) : typeof value === "string" ? readNumber(value) : null;
}

/** The document that the output is, or that its last line is. */
function lastDocument(output: string): unknown {
  const lines = output.trimEnd().split("\n");
  for (const text of [output, lines[lines.length - 1]]) {
    try {
      return JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}
