/** From a command line that was read to the experiment of `sb sweep`. */
import { splitSlow } from "../../mod.ts";
import { SbError } from "../core/mod.ts";
import {
  checkRepeats,
  completeExperiment,
  type Experiment,
  type Metric,
  type MetricAsked,
  nameOf,
  readBudget,
  readDelays,
  readMetric,
  readShare,
  type Repeats,
  type SweepTarget,
} from "../sweep/mod.ts";
import { readExperimentFile } from "../sweep/file/mod.ts";
import { hasOption, type Invocation, optionValue } from "./parse.ts";
import { readTextFile } from "./text_file.ts";

/** What is swept, and what its results are called. */
export interface SweepRequest {
  experiment: Experiment;
  /** Path that the results' names begin with. */
  results: string;
  /** The command stands in this process's own arguments. */
  fromOwnArguments: boolean;
}

const OPTION_PAIRS = [["resume", "force"], ["html", "no-html"]] as const;
/** What says nothing where nothing is run. */
const WITH_REPORT = ["report", "html", "no-html", "svg", "csv", "output", "json", "quiet", "color"];

function refuse(what: string, seen: string, hint?: string): never {
  throw new SbError("usage.option", `Cannot ${what}: ${seen}`, hint === undefined ? {} : { hint });
}

/** Refuses options that contradict each other. @throws SbError `usage.option` */
export function checkSweepOptions(invocation: Invocation): void {
  for (const [first, second] of OPTION_PAIRS) {
    if (hasOption(invocation, first) && hasOption(invocation, second)) {
      refuse(
        `use --${first} with --${second}`,
        "one says the contrary of the other",
        "Leave one of them out",
      );
    }
  }
  const report = optionValue(invocation, "report");
  if (report === undefined) return;
  const other = [...invocation.options.keys()].find((name) => !WITH_REPORT.includes(name));
  const seen = other !== undefined
    ? `--${other}`
    : invocation.operands[0] ?? (invocation.behind.length > 0 ? "the command behind --" : undefined);
  if (seen !== undefined) {
    refuse(`use --report with ${seen}`, "nothing is run", `Write sb sweep --report ${report}`);
  }
}

/** The request of `sb sweep`. @throws SbError `usage.*`, `file.*` for a file that cannot be read */
export function sweepRequest(invocation: Invocation): SweepRequest {
  const [path] = invocation.operands;
  if (path === undefined && !hasOption(invocation, "slow")) {
    refuse(
      'start "sb sweep"',
      "nothing to slow, no FILE.toml and no --slow were given",
      "Add --slow FILE:FUNCTION",
    );
  }
  if (path !== undefined && !path.endsWith(".toml")) {
    refuse(
      `read "${path}"`,
      "it is no FILE.toml",
      `A command stands behind --: sb sweep --slow … -- ${path}`,
    );
  }
  const { behind } = invocation;
  const said = path === undefined
    ? behind.length > 0 ? { command: behind } : {}
    : readExperimentFile(readTextFile(path), { path, command: behind });
  const repeats = repeatsOf(invocation, said.repeats);
  const metric = metricOf(invocation);
  return {
    experiment: completeExperiment({
      ...said,
      targets: [...said.targets ?? [], ...(invocation.options.get("slow") ?? []).map(targetOf)],
      ...valueOf(invocation, "delays", (text) => ({ delaysNs: readDelays(text.split(",")) })),
      ...(repeats ? { repeats } : {}),
      ...(metric ? { metric } : {}),
      ...valueOf(invocation, "warmups", (text) => ({ warmups: readCount(text, "warmups") })),
      ...valueOf(invocation, "seed", (text) => ({ seed: readCount(text, "seed") })),
      ...valueOf(invocation, "budget", (text) => ({ budgetNs: readBudget(text) })),
      ...valueOf(invocation, "max-failures", (text) => ({ maxFailures: readCount(text, "max-failures") })),
      // The parser has checked the word against the table's choices.
      ...valueOf(invocation, "backend", (text) => ({ backend: text as Experiment["backend"] })),
    }),
    results: optionValue(invocation, "results") ?? path?.slice(0, -".toml".length) ?? "sweep",
    fromOwnArguments: behind.length > 0,
  };
}

function valueOf<T extends object>(
  invocation: Invocation,
  long: string,
  read: (text: string) => T,
): T | undefined {
  const text = optionValue(invocation, long);
  return text === undefined ? undefined : read(text);
}

function readCount(text: string, long: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  return refuse(`read "--${long}=${text}"`, "it is no whole number");
}

/** @throws SbError `usage.option` for `TARGET=SPEC`, as `sb run` has it */
function targetOf(text: string): SweepTarget {
  const split = splitAsRun(text);
  if (!split || split.spec === null) return readTarget(text);
  return refuse(
    `read "--slow ${text}"`,
    "the delays of a sweep are the same for all",
    `Write --slow ${split.target} --delays 0,${split.spec}`,
  );
}

/** `NAME=TARGET` may look like a target with a malformed delay. */
function splitAsRun(text: string): { target: string; spec: string | null } | null {
  try {
    return splitSlow(text);
  } catch (error) {
    if (error instanceof SbError) return null;
    throw error;
  }
}

/**
 * `NAME=TARGET+TARGET`, `TARGET`. A name has no colon, which every target has; `+` stands between targets where one ends and
 * one begins: `malloc+0x8`, `operator+(Foo::Bar)` and `libstdc++.so.6:…` are whole.
 */
export function readTarget(text: string): SweepTarget {
  const [, name, rest] = /^(?:([^:=/]+)=)?(.*)$/s.exec(text)!;
  const targets: string[] = [];
  let start = 0;
  for (const { index } of rest.matchAll(/\+/g)) {
    if (!isTarget(rest.slice(start, index)) || !isTarget(rest.slice(index + 1))) continue;
    targets.push(rest.slice(start, index));
    start = index + 1;
  }
  targets.push(rest.slice(start));
  return { name: name ?? nameOf(targets), targets };
}

/** Whether it begins as FILE:PLACE does, not as an offset in a function or as the parameters of one. */
function isTarget(text: string): boolean {
  return /^(?!(0x[0-9a-f]+|\d+)\b)[^:()<>]+:[^:]/i.test(text);
}

function repeatsOf(invocation: Invocation, said: Repeats | undefined): Repeats | undefined {
  const text = optionValue(invocation, "repeats");
  const untilText = optionValue(invocation, "until");
  if (text === undefined && untilText === undefined) return undefined;
  const range = /^(\d+)(?:\.\.(\d+))?$/.exec(text ?? "3..30");
  if (!range) return refuse(`read "--repeats=${text}"`, "it is neither N nor MIN..MAX", "Write 10, or 3..30");
  const [, least, most] = range;
  if (most === undefined && untilText !== undefined) {
    refuse(`use --until with --repeats ${text}`, "so many are run in any case", `Write --repeats 3..${text}`);
  }
  if (most === undefined) return checkRepeats({ kind: "fixed", count: Number(least) });
  const before = said?.kind === "adaptive" ? said : { min: Number(least), max: Number(most), until: 0.05 };
  const bounds = text === undefined ? before : { min: Number(least), max: Number(most) };
  return checkRepeats({
    kind: "adaptive",
    min: bounds.min,
    max: bounds.max,
    until: untilText === undefined ? before.until : readShare(untilText),
  });
}

const METRIC_KINDS = ["regex", "json", "command"] as const;

function metricOf(invocation: Invocation): Metric | undefined {
  const text = optionValue(invocation, "metric");
  const better = optionValue(invocation, "better") as MetricAsked["better"] | undefined;
  if (text === undefined) {
    return better === undefined ? undefined : refuse("use --better", "it belongs to a --metric");
  }
  const kind = METRIC_KINDS.find((each) => text.startsWith(`${each}:`));
  const value = text.slice((kind?.length ?? 0) + 1);
  return readMetric({
    ...(better === undefined ? {} : { better }),
    ...(kind === undefined
      ? { word: text }
      : kind === "command"
      ? { command: value.split(/\s+/).filter((word) => word !== "") }
      : { [kind]: value }),
  });
}
