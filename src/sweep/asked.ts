/** An experiment as a caller of the library asks for it, checked. */
import { parseDelayTime, SbError } from "../core/mod.ts";
import { checkProperties, checkWord, type Properties } from "../session/mod.ts";
import { checkRepeats, completeExperiment, nameOf, readBudget, readDelays, readShare } from "./experiment.ts";
import type { Existing } from "./journal_file.ts";
import { readMetric } from "./metric.ts";
import type { Better, CellRecord, Experiment, Metric, Repeats, SweepTarget } from "./model.ts";
import type { SweepResult } from "./result.ts";
import { checkResults } from "./result_files.ts";
import type { CellFailure, Progress } from "./runner.ts";
import { runSweep } from "./sweep.ts";

/** A metric: a time, or a number in what the command writes. */
export type MetricAskedFor =
  | "wall"
  | "user+sys"
  | { regex: string; better?: Better }
  | { json: string; better?: Better }
  | { command: readonly string[]; better?: Better };

/** A target: `FILE:PLACE`, or several that are slowed together under a name. */
export type TargetAskedFor = string | { name?: string; target: string | readonly string[] };

/** What `sweep()` asks for; what is left out is as the command line has it. */
export interface SweepAsked {
  /** The program and its arguments. */
  command: readonly string[];
  targets: readonly TargetAskedFor[];
  /** `"wall"`. */
  metric?: MetricAskedFor;
  /** Times, `["0", "1us", "5us"]`; or `"auto"`: chosen for each target from a pilot run. */
  delays?: "auto" | readonly string[];
  /** The same in nanoseconds. */
  delaysNs?: readonly number[];
  /** Runs of each target under each delay; with `until` (`"5%"`, 0.05) as many as that interval takes. */
  repeats?: number | { min?: number; max?: number; until?: string | number };
  warmups?: number;
  seed?: number;
  /** `"10m"`; or `budgetNs`, nanoseconds. */
  budget?: string;
  budgetNs?: number;
  maxFailures?: number;
  backend?: Experiment["backend"];
  /** Path that the results' names begin with: NAME.cells.ndjson, NAME.sweep.json. Without it nothing is written. */
  results?: string;
  /** Go on with the results of that name. */
  resume?: boolean;
  /** Replace them. */
  force?: boolean;
  /** Whether the functions are timed, for what half their time would give. */
  gain?: boolean;
  /** Whether the command's output goes to this process's stdout and stderr. */
  showOutput?: boolean;
}

/** How the caller follows a sweep, and ends it. */
export interface SweepHooks {
  /** A cell has ended, and is in the journal where there is one. */
  onCell?: (record: CellRecord) => void;
  onFailure?: (failure: CellFailure) => void;
  onProgress?: (progress: Progress) => void;
  /** Ends it: the cell that runs is given up, what was measured is analysed. */
  signal?: AbortSignal;
}

const ASKED: Properties = {
  command: ["list"],
  targets: ["list"],
  metric: ["string", "object"],
  delays: ["string", "list"],
  delaysNs: ["list"],
  repeats: ["number", "object"],
  warmups: ["number"],
  seed: ["number"],
  budget: ["string"],
  budgetNs: ["number"],
  maxFailures: ["number"],
  backend: ["string"],
  results: ["string"],
  resume: ["boolean"],
  force: ["boolean"],
  gain: ["boolean"],
  showOutput: ["boolean"],
};
const TARGET: Properties = { name: ["string"], target: ["string", "list"] };
const METRIC: Properties = { regex: ["string"], json: ["string"], command: ["list"], better: ["string"] };
const REPEATS: Properties = { min: ["number"], max: ["number"], until: ["string", "number"] };
const WHAT = "the sweep";

/**
 * Carries out what a caller of the library asks for.
 *
 * @param version of sb
 * @throws SbError as {@linkcode runSweep} does, and `usage.*`
 */
export async function sweepAsked(
  asked: SweepAsked,
  { version, ...hooks }: SweepHooks & { version: string },
): Promise<SweepResult> {
  const experiment = experimentOf(asked);
  const { result } = await runSweep(experiment, {
    ...hooks,
    results: asked.results === undefined ? null : checkResults(asked.results),
    existing: existingOf(asked),
    gain: asked.gain !== false,
    showsOutput: asked.showOutput === true,
    fromOwnArguments: false,
    commandLine: [],
    version,
  });
  return result;
}

function existingOf({ resume, force }: SweepAsked): Existing {
  if (resume && force) throw both("resume", "force");
  return resume ? "resume" : force ? "replace" : "refuse";
}

function both(first: string, second: string): SbError {
  return new SbError(
    "usage.option",
    `Cannot use ${WHAT}: ${first} and ${second} are both given, give one`,
  );
}

/** The experiment that is asked for. @throws SbError `usage.*` */
export function experimentOf(asked: SweepAsked): Experiment {
  checkProperties(asked, ASKED, WHAT);
  checkWord(asked.backend, ["auto", "ebpf", "kmod"], { name: "backend", what: WHAT });
  if (asked.delays !== undefined && asked.delaysNs !== undefined) throw both("delays", "delaysNs");
  if (asked.budget !== undefined && asked.budgetNs !== undefined) throw both("budget", "budgetNs");
  const { command, targets, metric, repeats, warmups, seed, maxFailures, backend } = asked;
  return completeExperiment({
    ...(command === undefined ? {} : { command: texts(command, "command") }),
    ...(targets === undefined ? {} : { targets: targets.map(targetOf) }),
    ...(metric === undefined ? {} : { metric: metricOf(metric) }),
    ...delaysOf(asked),
    ...(repeats === undefined ? {} : { repeats: repeatsOf(repeats) }),
    ...(warmups === undefined ? {} : { warmups }),
    ...(seed === undefined ? {} : { seed }),
    ...budgetOf(asked),
    ...(maxFailures === undefined ? {} : { maxFailures }),
    ...(backend === undefined ? {} : { backend }),
  });
}

function texts(values: readonly unknown[], name: string): string[] {
  if (values.every((value) => typeof value === "string")) return [...values];
  throw new SbError("usage.option", `Cannot use "${name}" of ${WHAT}: it is no list of strings`);
}

function targetOf(asked: TargetAskedFor): SweepTarget {
  if (typeof asked === "string") return { name: nameOf([asked]), targets: [asked] };
  checkProperties(asked, TARGET, "a target");
  const targets = texts([asked.target].flat(), "target");
  if (targets.length === 0) {
    throw new SbError("usage.target", "Cannot use a target: it names no function", {
      hint: 'Write target: "FILE:FUNCTION"',
    });
  }
  return { name: asked.name ?? nameOf(targets), targets };
}

function metricOf(asked: MetricAskedFor): Metric {
  if (typeof asked === "string") return readMetric({ word: asked });
  checkProperties(asked, METRIC, "the metric");
  checkWord(asked.better, ["higher", "lower"], { name: "better", what: "the metric" });
  return readMetric(asked);
}

function delaysOf({ delays, delaysNs }: SweepAsked): Pick<Experiment, "delaysNs"> | undefined {
  if (delaysNs) {
    const times = delaysNs.map((ns) => parseDelayTime(String(ns)));
    return { delaysNs: readDelays(times.map(String)) };
  }
  return delays === undefined ? undefined : { delaysNs: readDelays([delays].flat()) };
}

function repeatsOf(asked: NonNullable<SweepAsked["repeats"]>): Repeats {
  if (typeof asked === "number") return checkRepeats({ kind: "fixed", count: asked });
  checkProperties(asked, REPEATS, "the repeats");
  const { min = 3, max = 30, until = "5%" } = asked;
  return checkRepeats({ kind: "adaptive", min, max, until: readShare(String(until)) });
}

function budgetOf({ budget, budgetNs }: SweepAsked): Pick<Experiment, "budgetNs"> | undefined {
  const text = budget ?? (budgetNs === undefined ? undefined : String(budgetNs));
  return text === undefined ? undefined : { budgetNs: readBudget(text) };
}
