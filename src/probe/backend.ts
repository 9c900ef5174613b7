/** The interface that every backend fulfils: probes of one session, from attaching to their statistics. */
import type { BystanderCost, Floor, ProbeStatistics } from "./model.ts";

/** What carries probes out; `fake` simulates it, for tests. */
export type BackendName = "ebpf" | "kmod" | "fake";

/** A system call that a command makes just before its exec, to enter the tree by itself. */
export interface EntryCall {
  call: "bpf";
  args: (number | Uint8Array<ArrayBuffer>)[];
  /** Descriptors of sb that the call uses, under their numbers. */
  descriptors: number[];
}

/** Where the files of the plans are attached: canonical path → a path to the inode to probe. */
export type AttachPaths = ReadonlyMap<string, string>;

/** A process that was forked in the tree. */
export interface ForkNews {
  pid: number;
  /** CLOCK_MONOTONIC of the fork, nanoseconds. */
  atNs: bigint;
}

/** Breakpoints of one call of {@linkcode BackendSession.attach}. */
export interface Attachment {
  /** Takes them out before the session ends; waits for the kernel. */
  detach(): Promise<void>;
}

/** How a session is opened. */
export interface BackendOptions {
  /** Whether executions of processes out of the tree reach the probes and must be turned away. */
  filter: boolean;
  /** When windows start: at the command's exec, or now. */
  windowsStart: "exec" | "now";
  /** Whether somebody listens to forks ({@linkcode BackendSession.nextForks}). */
  tellForks?: boolean;
  /**
   * Whether commands run one after the other ({@linkcode BackendSession.begin}), under any delay. Then executions of
   * processes that an earlier one left behind must be turned away: `filter` is set, where they would reach the probes.
   */
  repeats?: boolean;
}

/** The probes of one session. Disposing undoes everything and waits until the kernel has taken it out. */
export interface BackendSession extends AsyncDisposable {
  readonly backend: BackendName;
  /** The floors of the probes, in the order of the plans. */
  readonly floors: readonly Floor[];
  /**
   * What a command that sb starts runs just before its exec to become the root of the tree. null where there is no such
   * call: the command is held at its exec until it was entered and attached to.
   */
  readonly entryCall: EntryCall | null;
  /** Whether breakpoints come into processes that are forked in the tree later, by themselves. */
  readonly armsForks: boolean;
  /** Enters running processes into the tree, until a look finds nobody new. @param scan gives the tree's ids */
  enterTree(scan: () => readonly number[]): void;
  /**
   * Begins a run, in sessions that were opened for it: every probe has this fixed delay from now on, the tree is empty,
   * figures, schedules and windows start from nothing. Ends the run before, whose processes are in no tree any more.
   *
   * @param delayNs whole nanoseconds, 0 to 10 s; 0 counts
   */
  begin(delayNs: number): Promise<void>;
  /** Puts the breakpoints in. @param pid only in this process's address space @throws SbError */
  attach(paths: AttachPaths, pid?: number): Attachment;
  /** Measures the floors again, of hits as this run has them, and uses them from now on. */
  recalibrate(): void;
  /** The processes in the tree now. */
  members(): number[];
  /** The processes forked in the tree since the last call, once there are any; null when the session is closed. */
  nextForks(): Promise<ForkNews[] | null>;
  /** From now on no delay starts, and those in flight end within 60 ms. Returns at once; figures can be read still. */
  cancel(): void;
  /** The figures so far, in the order of the plans. */
  statistics(): ProbeStatistics[];
  /** Executions out of scope that were turned away, and their estimated cost. */
  bystanders(): Omit<BystanderCost, "processes">;
  /** Processes of the tree that could not be followed: their hits are missing. */
  readonly untracked: number;
}
