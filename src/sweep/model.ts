/** What a sweep speaks of: the experiment, its cells, what they measured. Types only. */
import type { BackendRequest } from "../probe/mod.ts";

/** Whether more of a result is better or worse. */
export type Better = "higher" | "lower";

/** What is read off a run. */
export type Metric =
  | {
    /** wall: from the command's exec to its end. cpu: user and system time less the time that delays spun. */
    kind: "wall" | "cpu";
  }
  | {
    /** The first group of the last match in what the command wrote. */
    kind: "regex";
    pattern: string;
    better: Better;
  }
  | {
    /** A member of the JSON document that the command wrote last: `.qps`, `.runs[0].seconds`. */
    kind: "json";
    path: string;
    better: Better;
  }
  | {
    /** The number that another command prints, which is run after each cell and reads what the command wrote. */
    kind: "command";
    command: readonly string[];
    better: Better;
  };

/** How often each cell is repeated. */
export type Repeats =
  | { kind: "fixed"; count: number }
  | {
    kind: "adaptive";
    min: number;
    max: number;
    /** Stop once the interval of each target's sensitivity is this wide at the most: absolute, ± half of it. */
    until: number;
  };

/** A function, or a group of functions that are slowed together. */
export interface SweepTarget {
  /** Unique in the experiment. */
  name: string;
  /** `FILE:PLACE`, patterns included: what they match is slowed together. */
  targets: readonly string[];
}

/** An experiment as it is asked for. */
export interface Experiment {
  command: readonly string[];
  metric: Metric;
  targets: readonly SweepTarget[];
  /** Nanoseconds, rising from 0; or chosen from a pilot run. */
  delaysNs: readonly number[] | "auto";
  repeats: Repeats;
  /** Runs before the first cell that are not measured. */
  warmups: number;
  /** Of the order and of the bootstrap. */
  seed: number;
  /** Nanoseconds for all cells; null is no limit. */
  budgetNs: number | null;
  /** Failed cells after which the sweep ends. */
  maxFailures: number;
  backend: BackendRequest;
}

/** A cell: one target under one delay, in one block. */
export interface Cell {
  /** Unique in the experiment: `block.target.delay`. */
  id: string;
  block: number;
  target: string;
  delayNs: number;
}

/** A line of the journal: what a cell measured. */
export interface CellRecord {
  schema: 1;
  /** Hash of what makes cells comparable. */
  experiment: string;
  cell: string;
  target: string;
  delayNs: number;
  /** The block, from 0. */
  repeat: number;
  seed: number;
  /** RFC 3339, UTC. */
  started: string;
  /** null when a signal ended it. */
  exit: number | null;
  /** null when the metric could not be read. */
  result: number | null;
  wallNs: number;
  userNs: number;
  sysNs: number;
  hits: number;
  delayed: number;
  addedNs: number;
  overheadNs: number;
  floorNs: number;
  misses: number;
}
