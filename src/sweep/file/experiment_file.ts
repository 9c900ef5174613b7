/** The file of an experiment: TOML to what is asked for, with errors that name key and line. Pure. */
import { BACKENDS, keyPath, type Keys, TomlReader } from "../../config/mod.ts";
import {
  checkRepeats,
  type Experiment,
  type Metric,
  nameOf,
  readBudget,
  readDelays,
  readMetric,
  readShare,
  type Repeats,
  type SweepTarget,
} from "../mod.ts";

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
 * Reads what an experiment's file says; what it leaves out is left out.
 *
 * @param path as errors name it
 * @param command the one behind `--`, which the file may leave out
 * @throws SbError `usage.config`
 */
export function readExperimentFile(
  text: string,
  { path, command }: { path: string; command: readonly string[] },
): Partial<Experiment> {
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
  const said: { -readonly [K in keyof Experiment]?: Experiment[K] } = command.length > 0 ? { command } : {};
  if (top.command !== undefined) said.command = top.command as string[];
  if (top.metric !== undefined) said.metric = metricOf(reader, top.metric);
  if (top.target !== undefined) {
    said.targets = (top.target as unknown[]).map((table, index) =>
      targetOf(reader, `target[${index}]`, table)
    );
  }
  if (top.delays !== undefined) {
    said.delaysNs = reader.within("delays", () => readDelays([top.delays as string | string[]].flat()));
  }
  if (top.repeats !== undefined) said.repeats = repeatsOf(reader, top.repeats);
  if (top.warmups !== undefined) said.warmups = Number(top.warmups);
  if (top.seed !== undefined) said.seed = Number(top.seed);
  if (top.budget !== undefined) {
    said.budgetNs = reader.within("budget", () => readBudget(top.budget as string));
  }
  if (top.max_failures !== undefined) said.maxFailures = Number(top.max_failures);
  if (top.backend !== undefined) said.backend = reader.word("backend", top.backend as string, BACKENDS);
  return said;
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

function repeatsOf(reader: TomlReader, value: unknown): Repeats {
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
