/** What a session of probes is asked for and what it gives: the interface of `open()`. Types only. */
import type {
  BackendName,
  BackendRequest,
  Isolation,
  Late,
  PoolScope,
  ProbePlan,
  ProbeReport,
  ProbeSpec,
} from "../probe/mod.ts";
import type { Plan } from "./plan.ts";

/** The processes that a probe applies to. */
export type ScopeAsked =
  | {
    /** The root of a tree, by process id: not a thread, and not this process. */
    tree: number;
  }
  | {
    /** A folder of the version 2 hierarchy, the cgroups below it included. */
    cgroup: string;
  }
  | { system: true };

/** A schedule; each name as on the command line, or with its unit and integer nanoseconds. */
export interface ScheduleAsked {
  /** Every Nth hit, 1 to 2^53. */
  every?: number;
  /** 0 to 1. */
  probability?: number;
  /** Delays at the most, 0 to 2^53; null is no limit. */
  times?: number | null;
  /** Start of the window after the probe became live, or after the command's exec: a time such as "5ms", up to "30d". */
  start?: string;
  /** The same in nanoseconds. */
  startNs?: number;
  /** Length of the window, up to "30d"; null is for ever. */
  duration?: string | null;
  /** The same in nanoseconds. */
  durationNs?: number | null;
  /** Spin holds the CPU, sleep gives it up (kernel module only). */
  how?: "spin" | "sleep";
  /** Whether the floor is subtracted; true by default. */
  compensate?: boolean;
}

/** What a delay is: one of the three. */
export interface DelayAsked {
  /** A time or a distribution: "5us", "exp:10us". */
  delay?: string;
  /** A fixed delay, 0 to 10^10 nanoseconds. */
  delayNs?: number;
  /** The whole specification: "5us,every=10", or what `parseSpec()` made of one. What it names comes before other properties. */
  spec?: string | ProbeSpec;
}

/** A place and its delay, for a command that is started with it. */
export interface PlaceAsked extends DelayAsked, ScheduleAsked {
  /** `FILE:PLACE[%return]`; a glob or a regular expression names several places, one probe each. */
  target: string;
  /** `"return"` is `%return` in the target. */
  at?: "entry" | "return";
}

/** A probe as it is asked for. */
export interface ProbeAsked extends PlaceAsked {
  /** Whom it applies to; needed, unless there is `pid`. */
  scope?: ScopeAsked;
  /** Short for `scope: { tree: pid }`. */
  pid?: number;
  /** How others are kept free of the trap; `auto` is `per-process` where the kernel can, for trees, otherwise `shared`. */
  isolation?: "auto" | "per-process" | "shared";
  /** Whether uretprobes are accepted where return instructions cannot be decoded. */
  trampoline?: boolean;
}

/** A change of a probe; what is not named is kept. */
export interface ChangeAsked extends DelayAsked, ScheduleAsked {}

/** What planned probes are applied with: for who resolved the targets elsewhere. */
export interface ApplyOptions {
  scope: PoolScope;
  isolation: "per-process" | "shared";
  /** Canonical path of a plan's file → a path to the inode to probe. */
  paths?: ReadonlyMap<string, string>;
}

/** Why a probe is no longer there. */
export type EndReason = "removed" | "scope empty" | "session closed";

/** A probe of a session. Disposing removes it. */
export interface Probe extends AsyncDisposable {
  /** `p1`, `p2`, …: unique in the process. */
  readonly id: string;
  readonly plan: ProbePlan;
  readonly backend: BackendName;
  readonly isolation: Isolation;
  readonly scope: PoolScope;
  readonly isEnabled: boolean;
  /** Processes in the scope now; null where it is no tree. */
  readonly members: number | null;
  /** Executions out of scope that trapped and were turned away. */
  readonly outside: number;
  /** How late processes that were forked in the tree were armed, with eBPF and `per-process`; zeros otherwise. */
  readonly late: Late;
  /** Resolves when the probe has ended, with why: its tree may end before anybody removes it. */
  readonly ended: Promise<EndReason>;
  /**
   * Changes what is named and keeps the rest; naming `times`, `every`, the start or the duration begins that anew. A delay in
   * flight is cut when the delay changes.
   *
   * @throws SbError `usage.*`, `probe.not_found` when it has ended
   */
  update(change: ChangeAsked): Promise<void>;
  /** Live again. @throws SbError `probe.not_found` when it has ended */
  enable(): Promise<void>;
  /** No delay starts and no hit is counted; the figures stay. @throws SbError `probe.not_found` when it has ended */
  disable(): Promise<void>;
  /** The figures so far, as `sb run --json` has them (`statisticsDocument()`); the last ones when it has ended. */
  stats(): ProbeReport;
  /**
   * No further delay starts; those in flight end within 60 ms, the breakpoints leave after that.
   *
   * @returns the last figures, also when it has ended before
   */
  remove(): Promise<ProbeReport>;
}

/** How a session is opened. */
export interface OpenOptions {
  /** `auto` is eBPF where it works, otherwise the kernel module where it is loaded. */
  backend?: BackendRequest;
}

/**
 * What one owner applied. Disposing undoes it: it settles when no further delay can start, and for the last session of the
 * process when the breakpoints have left. What is not disposed is undone by the end of the process, however it ends.
 */
export interface ProbeSession extends AsyncDisposable {
  readonly backend: BackendName;
  /** The probes that have not ended, in the order in which they were added. */
  readonly probes: readonly Probe[];
  /** Sentences for the reader: functions that patterns left out, processes that could not be followed, or were late. */
  readonly notes: readonly string[];
  /** Resolves targets and judges what is asked; nothing is applied. @throws SbError */
  plan(asked: ProbeAsked | readonly ProbeAsked[]): Promise<Plan>;
  /**
   * Adds probes, all or none, in the order in which they are asked for; a pattern makes several.
   *
   * @throws SbError `usage.*`, `file.*`, `probe.*`, `process.*`, `scope.*`, `isolation.unavailable`, `kernel.refused`
   */
  add(asked: ProbeAsked | readonly ProbeAsked[]): Promise<Probe[]>;
  /** Adds what was planned elsewhere, all or none. @throws SbError */
  apply(plans: readonly ProbePlan[], options: ApplyOptions): Promise<Probe[]>;
  /** Removes all probes; the session stays. */
  clear(): Promise<void>;
}
