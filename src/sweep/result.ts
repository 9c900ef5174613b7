/** What a sweep found: the document of `NAME.sweep.json`, and what every output is drawn from. Types only. */
import type { Estimate, Shape } from "../stats/mod.ts";
import type { Experiment } from "./model.ts";
import type { ProbedFile } from "./probed_files.ts";

/** A mean response under one delay. */
export interface LevelSummary {
  delayNs: number;
  cells: number;
  /** Mean of the time added, less that without a delay, nanoseconds. */
  addedNs: number;
  /** Mean of the results; what something else disturbed counts less. */
  result: number;
  /** 95 % interval of what the results differ by from those without a delay, compared block by block; null at delay 0. */
  difference: Estimate | null;
  /** Standard deviation of the results around their blocks' levels. */
  deviation: number;
  hits: number;
}

/** What a faster function would give. Extrapolated: no run had it. */
export interface Gain extends Estimate {
  /** The result would be this, in its own unit, if the function took half its time. */
  result: number;
  /** Time that the function takes in a run today, callees included, nanoseconds. */
  functionNs: number;
}

/** What is known of one target. */
export interface TargetResult {
  name: string;
  /** At today's speed; null when there are too few cells. In time metrics 1 is every nanosecond; otherwise per second added. */
  sensitivity: Estimate | null;
  class: Shape;
  /** Time that can be added before it matters, per run, nanoseconds; null unless there is a threshold. */
  slackNs: Estimate | null;
  /** Where the response bends, whatever its class: time added per run, nanoseconds; null without a bend. */
  bendNs: Estimate | null;
  /** The sensitivity behind a bend; null without one. */
  beyond: Estimate | null;
  r2: number | null;
  hitsPerRun: number;
  /** `value`, `low` and `high` are changes of the result; null where the function's time is not known. */
  gain: Gain | null;
  levels: LevelSummary[];
  warnings: string[];
}

/** What the cells say. */
export interface Analysis {
  targets: TargetResult[];
  /** Names, the one that matters most first. */
  ranking: string[];
  /** Of all of it: drift, disturbed cells, noise. */
  warnings: string[];
}

/** Where it ran. */
export interface Machine {
  host: string;
  kernel: string;
  /** `uname -m`. */
  architecture: string;
  /** As /proc/cpuinfo names it. */
  cpu: string;
  cpus: number;
  memoryBytes: number;
  /** Load averages of one minute, at the start and at the end. */
  load: [number, number];
}

/** Why no further cell was run. */
export type Stopped = "complete" | "narrow" | "budget" | "failures" | "interrupted";

/** A finished sweep. */
export interface SweepResult extends Analysis {
  /** Of the files it writes: `NAME.cells.ndjson`, `NAME.sweep.json`, … */
  name: string;
  experiment: Experiment;
  /** Hash that every line of the journal has. */
  hash: string;
  /** Target → its delays, rising from 0, nanoseconds: as asked for, or as `auto` chose them. */
  delaysNs: Readonly<Record<string, readonly number[]>>;
  /** Target → the functions that its patterns matched: `FILE:SYMBOL`. */
  functions: Readonly<Record<string, readonly string[]>>;
  /** Target → time that its functions take in a run today, callees included, nanoseconds; null where it is not known. */
  functionNs: Readonly<Record<string, number | null>>;
  /** What the functions are in. */
  files: readonly ProbedFile[];
  backend: string;
  /** Target → how other processes were kept free of the trap. */
  isolation: Readonly<Record<string, string>>;
  machine: Machine;
  /** RFC 3339, UTC. */
  started: string;
  ended: string;
  stopped: Stopped;
  cells: { planned: number; done: number; failed: number };
  /** The command line that repeats the sweep, and for each target the one that runs a cell of its own by hand. */
  commands: { sweep: readonly string[]; cells: Readonly<Record<string, readonly string[]>> };
  /** Warnings about all of it: the machine was noisy, load changed, a fallback was taken. */
  warnings: string[];
}
