/** Kernel operations of processes, counted. Types only. */

/** What a process caused; what interrupts did meanwhile is not part of it. */
export interface CountFigures {
  /** Calls of `__kmalloc`: allocations whose size the compiler did not know. */
  kmalloc: number;
  /** Calls of `kfree`, those with NULL included. */
  kfree: number;
  /** Bytes asked for in the calls of `__kmalloc` that succeeded. */
  kmallocBytes: number;
  /** Bytes freed that a process which was counted then had asked for. */
  kfreeBytes: number;
  /** Calls of `schedule`. */
  sched: number;
  /** Calls of `up`. */
  up: number;
  /** Calls of `down_interruptible`. */
  down: number;
  /** Calls of `mutex_lock`. */
  lock: number;
  /** Calls of `mutex_unlock`. */
  unlock: number;
  /** Calls of `kfree`, part of `kfree`, of memory whose size is not known. */
  unknown: number;
}

/** `left`: it executed a program that the counting user may not watch, and is not counted since. */
export type ProcessState = "live" | "ended" | "left";

/** A process of a counted tree. */
export interface CountedProcess {
  /** Rises with each process that comes into the tree. */
  id: number;
  /** null when it has no id in this process's name space. */
  pid: number | null;
  /** The name of its main thread, the last that it had. */
  comm: string;
  /** Whether it is the root of the tree. */
  isRoot: boolean;
  state: ProcessState;
  /** How long it has been counted, in nanoseconds. */
  countedNs: number;
  figures: CountFigures;
}

/** A count as it was at a moment. */
export interface CountReading {
  /** CLOCK_MONOTONIC, in nanoseconds. */
  atNs: number;
  /** By rising id: the root first. */
  processes: CountedProcess[];
  /** Whether there are processes behind the last of these. */
  hasMore: boolean;
  /** Processes that there are figures of. */
  known: number;
  /** Those of them that have neither ended nor left. */
  live: number;
  /** The sum over the whole tree, processes that ended included. */
  total: CountFigures;
  /** Ended processes whose figures are in the total only. */
  dropped: number;
  /** Descendants that could not be followed; nothing of them is in the figures. */
  missed: number;
  /** Allocations of all counted processes, this tree's or others', that found the table of sizes full. */
  untracked: number;
}

/** Which processes of a tree are read. */
export interface ReadOptions {
  /** Those with an id above this one. */
  after?: number;
  /** So many at the most; all without it. */
  limit?: number;
}
