/** What the probe layer speaks of: delays, schedules, probes, statistics. Types only. */
import type { At, Site, TargetFile } from "../symbols/mod.ts";

/** What the delay of a delayed hit is drawn from; all in nanoseconds. */
export type Delay =
  | { kind: "fixed"; ns: number }
  | { kind: "uniform"; lowNs: number; highNs: number }
  | { kind: "normal"; meanNs: number; deviationNs: number }
  | { kind: "exp"; meanNs: number };

/** Spin holds the CPU, sleep gives it up. */
export type How = "spin" | "sleep";

/** Which hits are delayed; the order of the tests is that of `product.md`. */
export interface Schedule {
  /** Every Nth hit: n = N, 2N, …; 1 is every hit. */
  every: number;
  /** 0 to 1. */
  probability: number;
  /** Delays applied at the most; null is no limit. */
  times: number | null;
  /** Start of the window after the command's exec, or after the probe became live, in nanoseconds. */
  startNs: number;
  /** Length of the window; null is for ever. */
  durationNs: number | null;
}

/** A delay specification as read from `DELAY{,KEY=VALUE}` or a configuration table. */
export interface ProbeSpec {
  /** The delay as written: "5us". */
  delayText: string;
  delay: Delay;
  schedule: Schedule;
  how: How;
  /** Whether the floor is subtracted. */
  compensate: boolean;
}

/** A probe as a user asks for it: the target as written and its specification. */
export interface ProbeRequest {
  target: string;
  spec: ProbeSpec;
}

/** A probe, planned: everything a backend needs, nothing applied yet. */
export interface ProbePlan {
  target: string;
  symbol: string;
  demangled: string | null;
  aliases: string[];
  file: TargetFile;
  at: At;
  /** The function's own file offset: the JSON output's `file_offset` for trampolines, otherwise the first site's. */
  functionOffset: number;
  /** "sites": one breakpoint at each; "trampoline": a uretprobe at `functionOffset`. */
  attach: "sites" | "trampoline";
  sites: Site[];
  spec: ProbeSpec;
}

/** How processes out of scope are kept free of the trap (`product.md`). */
export type Isolation = "private-file" | "per-process" | "shared";

/** A bucket of a histogram, [geNs, ltNs). */
export interface HistogramBucket {
  geNs: number;
  ltNs: number;
  count: number;
}

/** What a probe did so far. min, max, quantiles and histogram are over delayed, uncut hits. */
export interface ProbeStatistics {
  hits: number;
  delayed: number;
  cut: number;
  misses: number;
  clipped: number;
  /** Sum over delayed, uncut hits: time in the handler + floor. */
  addedNs: number;
  /** floor × (hits − delayed). */
  overheadNs: number;
  minNs: number | null;
  meanNs: number | null;
  p50Ns: number | null;
  p90Ns: number | null;
  p99Ns: number | null;
  maxNs: number | null;
  histogram: HistogramBucket[];
}

/** The floor of a probe's site. */
export interface Floor {
  /** Nanoseconds; the median cost of a hit outside the handler. */
  ns: number;
  /** "calibrated" on this machine, or "unknown" when calibration is impossible (then 0). */
  source: "calibrated" | "unknown";
}

/** A live probe and its figures. */
export interface ProbeReport {
  plan: ProbePlan;
  floor: Floor;
  /** Whether the file at the path is another one by now. */
  replaced: boolean;
  statistics: ProbeStatistics;
}

/** What `shared` isolation cost processes out of scope. */
export interface BystanderCost {
  /** Processes out of scope that had the file mapped when the probes were attached. */
  processes: number;
  /** Hits of theirs that trapped and were turned away. */
  hits: number;
  /** Estimated: hits × the floor of their sites. */
  costNs: number;
}
