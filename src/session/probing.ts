/** What a session of probes is asked for and what it gives: the interface of `open()`. Types only. */
import type {
  BackendName,
  BackendRequest,
  Isolation,
  PoolScope,
  ProbePlan,
  ProbeReport,
} from "../probe/mod.ts";
import type { Plan } from "./plan.ts";

/** The processes that a probe applies to. */
export type ScopeAsked =
  | {
    /** The root of a tree: a thread group leader, not this process. */
    tree: number;
  }
  | {
    /** A folder of the version 2 hierarchy, the cgroups below it included. */
    cgroup: string;
  }
  | { system: true };

/** A schedule; each name as on the command line, or with its unit and integer nanoseconds. */
export interface ScheduleAsked {
  /** Every Nth hit, 1 to 2^31. */
  every?: number;
  /** 0 to 1. */
  probability?: number;
  /** Delays at the most, from 1; null is no limit. */
  times?: number | null;
  /** Start of the window after the probe became live: a time such as "5ms". */
  start?: string;
  startNs?: number;
  /** Length of the window; null is for ever. */
  duration?: string | null;
  durationNs?: number | null;
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
  /** The whole specification: "5us,every=10". */
  spec?: string;
}

/** A probe as it is asked for. */
export interface ProbeAsked extends DelayAsked, ScheduleAsked {
  /** `FILE:PLACE`, a glob or regular expression included. */
  target: string;
  scope: ScopeAsked;
  /** Entry or return; `%return` in the target means the latter. */
  at?: "entry" | "return";
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

/** A live probe of a session. Disposing removes it. */
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
  /** Settles when the probe has ended, with why. */
  readonly ended: Promise<EndReason>;
  /** @throws SbError `usage.*`, `probe.not_found` */
  update(change: ChangeAsked): Promise<void>;
  enable(): Promise<void>;
  disable(): Promise<void>;
  /** The figures so far, as `sb run --json` has them. */
  stats(): ProbeReport;
  /** No further delay starts; those in flight end within 60 ms, the breakpoints leave after that. @returns the last figures */
  remove(): Promise<ProbeReport>;
}

/** How a session is opened. */
export interface OpenOptions {
  backend?: BackendRequest;
}

/** What one owner applied. Disposing undoes it: it settles when no further delay can start. */
export interface ProbeSession extends AsyncDisposable {
  readonly backend: BackendName;
  /** The probes that have not ended, in the order in which they were added. */
  readonly probes: readonly Probe[];
  /** Resolves targets and judges what is asked; nothing is applied. @throws SbError */
  plan(asked: ProbeAsked | readonly ProbeAsked[]): Promise<Plan>;
  /** Adds probes, all or none; a pattern makes several. @throws SbError */
  add(asked: ProbeAsked | readonly ProbeAsked[]): Promise<Probe[]>;
  /** Adds what was planned elsewhere, all or none. @throws SbError */
  apply(plans: readonly ProbePlan[], options: ApplyOptions): Promise<Probe[]>;
  /** Removes all probes; the session stays. */
  clear(): Promise<void>;
}
