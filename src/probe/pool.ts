/** The interface of a pool: probes that come and go one by one, each with a scope of its own, in one process. */
import type { AttachPaths, BackendName } from "./backend.ts";
import type { Late } from "./late.ts";
import type { Delay, Floor, Isolation, ProbePlan, ProbeStatistics } from "./model.ts";
import type { ScheduleSettings } from "./schedule.ts";

/** The processes that a probe of a pool applies to. */
export type PoolScope =
  | {
    kind: "tree";
    /** The root. */
    pid: number;
    /** The ids of the tree as /proc has them now, the root first; asked until it names nobody new. */
    scan: () => readonly number[];
    /**
     * Whether a process leaves at an exec that gains privilege or changes its ids (`product.md`): so it is for owners other
     * than root.
     */
    guarded: boolean;
  }
  | {
    kind: "cgroup";
    /** A folder of the version 2 hierarchy; the cgroups below it count too. */
    path: string;
  }
  | { kind: "all" };

/** How probes are added to a pool. */
export interface PoolAddOptions {
  scope: PoolScope;
  /** Not `private-file`: what is added runs already. */
  isolation: Exclude<Isolation, "private-file">;
  /** Where the files of the plans are; the plans' own paths by default. */
  paths?: AttachPaths;
}

/** What an update changes; the rest is kept. Naming `times`, `every`, the start or the duration begins that anew. */
export interface ProbeChange {
  /** With `delay`: as written. */
  delayText?: string;
  delay?: Delay;
  settings?: Partial<ScheduleSettings>;
}

/** A probe of a pool. Its methods are errors of `probe.not_found` once it was removed. */
export interface PoolProbe {
  /** The plan; its specification is the current one. */
  readonly plan: ProbePlan;
  readonly isolation: Isolation;
  readonly floor: Floor;
  readonly isEnabled: boolean;
  /** Whether the file at the path is another one by now. */
  readonly replaced: boolean;
  /** Executions out of scope that trapped and were turned away. */
  readonly outside: number;
  /** How late processes that were forked in the tree were armed; zeros unless the isolation is `per-process`. */
  readonly late: Late;
  /** Processes in the scope now; null where it is no tree. */
  readonly members: number | null;
  /** Settles when the tree has become empty; never where the scope is no tree, and when the probe is removed before. */
  readonly emptied: Promise<void>;
  /** Cuts the delays in flight when the delay changes. @throws SbError */
  update(change: ProbeChange): Promise<void>;
  /** Off: no delay starts and none is counted, breakpoints leave; the figures stay. @throws SbError */
  setEnabled(enabled: boolean): Promise<void>;
  /** The figures so far. */
  statistics(): ProbeStatistics;
  /**
   * Settles when no further delay can start; those in flight end within 60 ms, and the breakpoints leave after that.
   *
   * @returns the last figures
   */
  remove(): Promise<ProbeStatistics>;
}

/** The probes of one process, over all its sessions. Disposing removes all and waits until the breakpoints have left. */
export interface ProbePool extends AsyncDisposable {
  readonly backend: BackendName;
  /** Adds probes, all or none. @throws SbError what attaching refuses, `scope.too_many`, `process.not_found` */
  add(plans: readonly ProbePlan[], options: PoolAddOptions): Promise<PoolProbe[]>;
  /** Processes that could not be followed: their hits are missing. */
  readonly untracked: number;
  /** Settles when the breakpoints of everything removed so far have left. */
  settled(): Promise<void>;
}
