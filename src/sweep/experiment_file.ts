/** The file of an experiment: TOML to what is asked for, with errors that name key and line. Pure. */
import { BACKENDS, keyPath, type Keys, TomlReader } from "../config/mod.ts";
import { MAX_SCHEDULE_NS, parseTime } from "../core/mod.ts";
import { checkExperiment, checkRepeats, DEFAULTS, readDelays, readShare } from "./experiment.ts";
import { readMetric } from "./metric.ts";
import type { Experiment, Metric, Repeats, SweepTarget } from "./model.ts";

const TOP_KEYS: Keys = {
  version: ["whole number"],
  command: ["array of strings"],
  metric: ["string", "table"],
  delays: ["array of strings", "string"],
  repeats: ["whole number", "table"],
  warmups: ["whole number"],
  order: ["string"],
  seed: ["whole number"],
  budget: ["string"],
  max_failures: ["whole number"],
  backend: ["string"],
  target: ["array of tables"],
};
const TARGET_KEYS: Keys = { name: ["string"], target: ["string", "array of strings"] };
const REPEAT_KEYS: Keys = { min: ["whole number"], max: ["whole number"], until: ["string", "number"] };
const METRIC_KEYS: Keys = {
  regex: ["string"],
  json: ["string"],
  command: ["array of strings"],
  better: ["string"],
};

/**
 * Reads an experiment's file.
 *
 * @param path as errors name it
 * @param command the one behind `--`, which the file may leave out
 * @throws SbError `usage.config`, `usage.sweep`
 */
export function parseExperiment(
  text: string,
  { path, command }: { path: string; command: readonly string[] },
): Experiment {
  const reader = new TomlReader(text, path);
  const top = reader.table("", reader.parse("[[target]] above each target"), TOP_KEYS, {
    unknown: (key) => Object.hasOwn(TARGET_KEYS, key) ? "Write it below a [[target]] line" : undefined,
    kind: (key) => key === "target" ? "Write [[target]], in two pairs of brackets" : undefined,
  });
  reader.requireVersion(top.version);
  if (top.order !== undefined) reader.word("order", top.order as string, ["blocks"]);
  if (top.command !== undefined && command.length > 0) {
    reader.refuse("command", "another command stands behind --", { hint: "Leave one of the two out" });
  }
  return checkExperiment({
    command: (top.command as string[] | undefined) ?? command,
    metric: metricOf(reader, top.metric),
    targets: ((top.target ?? []) as unknown[]).map((table, index) =>
      targetOf(reader, `target[${index}]`, table)
    ),
    delaysNs: top.delays === undefined
      ? DEFAULTS.delaysNs
      : reader.within("delays", () => readDelays([top.delays as string | string[]].flat())),
    repeats: repeatsOf(reader, top.repeats),
    warmups: Number(top.warmups ?? DEFAULTS.warmups),
    seed: Number(top.seed ?? DEFAULTS.seed),
    budgetNs: top.budget === undefined
      ? DEFAULTS.budgetNs
      : reader.within("budget", () => readBudget(top.budget as string)),
    maxFailures: Number(top.max_failures ?? DEFAULTS.maxFailures),
    backend: top.backend === undefined
      ? DEFAULTS.backend
      : reader.word("backend", top.backend as string, BACKENDS),
  });
}

/** Reads the time that a sweep may take, up to 30 days. @throws SbError `usage.time` */
export function readBudget(text: string): number {
  return parseTime(text, { what: "budget", maxNs: MAX_SCHEDULE_NS, longUnits: true });
}

function targetOf(reader: TomlReader, path: string, value: unknown): SweepTarget {
  const table = reader.table(path, value, TARGET_KEYS, {
    unknown: (key) => Object.hasOwn(TOP_KEYS, key) ? "Write it above the first [[target]] line" : undefined,
  });
  const targets = [table.target as string | string[] | undefined ?? []].flat();
  if (targets.length === 0 || targets.includes("")) {
    return reader.refuse(keyPath(path, "target"), targets.length === 0 ? "it is missing" : "it is empty", {
      hint: 'Write target = "FILE:FUNCTION"',
    });
  }
  return { name: (table.name as string | undefined) ?? nameOf(targets), targets };
}

/** The name of a target that has none: what stands behind the last colon. */
export function nameOf(targets: readonly string[]): string {
  return targets[0].slice(targets[0].lastIndexOf(":") + 1).replace(/\s+/g, "_");
}

function repeatsOf(reader: TomlReader, value: unknown): Repeats {
  if (value === undefined) return DEFAULTS.repeats;
  if (typeof value !== "object") {
    return reader.within("repeats", () => checkRepeats({ kind: "fixed", count: Number(value) }));
  }
  const { min = 3, max = 30, until = "5%" } = reader.table("repeats", value, REPEAT_KEYS);
  return reader.within(
    "repeats",
    () =>
      checkRepeats({ kind: "adaptive", min: Number(min), max: Number(max), until: readShare(String(until)) }),
  );
}

function metricOf(reader: TomlReader, value: unknown): Metric {
  if (value === undefined) return DEFAULTS.metric;
  if (typeof value === "string") return reader.within("metric", () => readMetric({ word: value }));
  const table = reader.table("metric", value, METRIC_KEYS);
  const better = table.better === undefined
    ? undefined
    : reader.word("metric.better", table.better as string, ["higher", "lower"]);
  return reader.within("metric", () =>
    readMetric({
      ...(table.regex === undefined ? {} : { regex: table.regex as string }),
      ...(table.json === undefined ? {} : { json: table.json as string }),
      ...(table.command === undefined ? {} : { command: table.command as string[] }),
      ...(better === undefined ? {} : { better }),
    }));
}
