/** Probes as JSON documents: one form for the command line, the server and whoever uses the library (`docs/json.md`). */
import { exact, exactOrNull, toHex } from "../core/mod.ts";
import {
  type Floor,
  type FloorClass,
  type Isolation,
  meanDelayNs,
  type ProbePlan,
  type ProbeReport,
  type ProbeSpec,
  type ProbeStatistics,
} from "../probe/mod.ts";
import { type NamedProcess, namedProcess } from "../sys/mod.ts";
import type { Probe } from "./probing.ts";

/** A planned probe, and its floor where that is known before the probe is attached. */
export type PlannedProbe = ProbePlan & { floor?: Floor | null };

/**
 * live: the breakpoints are in; disabled: they are not; stale: the file was replaced, so that only processes of the old one
 * are probed, if any.
 */
export type ProbeState = "live" | "disabled" | "stale";

/** The processes that a listed probe applies to. */
export type ListedScope =
  | { kind: "all" }
  | { kind: "cgroup"; path: string }
  | (NamedProcess & {
    kind: "tree";
    /** Processes in it now; null where the backend cannot tell. */
    members: number | null;
  });

/** A probe as lists show it. */
export interface ListedProbe {
  /** null for a probe of another process's session, which only its owner changes. */
  id: string | null;
  backend: string;
  /** How processes out of scope are kept from the trap; null where it is not told. */
  isolation: Isolation | null;
  /** Whether it stays when every process of sb has ended. */
  persistent: boolean;
  /** The process whose end takes it away. */
  owner: NamedProcess | null;
  scope: ListedScope;
  tag: string | null;
  target: string;
  file: { path: string; buildId: string | null };
  /** Its breakpoints; none where they are not told. */
  sites: { fileOffset: number; class: FloorClass | null }[];
  state: ProbeState;
  spec: ProbeSpec;
  floor: Floor;
  statistics: ProbeStatistics;
  /** Executions out of scope that trapped and were turned away. */
  outside: number;
}

/** The instructions that a probe sits on: `push`, `push+ret`, or `trampoline`. */
export function siteName(plan: Pick<ProbePlan, "attach" | "sites">): string {
  if (plan.attach === "trampoline") return "trampoline";
  return [...new Set(plan.sites.map((site) => site.class))].join("+");
}

/** Where the first breakpoint sits; a trampoline sits on the function's first instruction. */
function reportedOffset(plan: ProbePlan): string {
  return toHex(plan.attach === "trampoline" ? plan.functionOffset : plan.sites[0].fileOffset);
}

function floorMembers(floor: Floor | null | undefined) {
  return {
    floor_ns: floor?.source === "calibrated" ? floor.ns : null,
    floor_source: floor?.source ?? "unknown",
  };
}

function delayMembers({ delayText, delay }: ProbeSpec) {
  return { delay: delayText, delay_ns: Math.round(meanDelayNs(delay)) };
}

function scheduleMembers({ schedule, how }: ProbeSpec) {
  return {
    every: schedule.every,
    probability: schedule.probability,
    times: schedule.times,
    start_ns: schedule.startNs,
    duration_ns: schedule.durationNs,
    how,
  };
}

function countMembers(statistics: ProbeStatistics) {
  return {
    hits: exact(statistics.hits),
    delayed: exact(statistics.delayed),
    cut: exact(statistics.cut),
    misses: exact(statistics.misses),
    clipped: exact(statistics.clipped),
    added_ns: exact(statistics.addedNs),
    overhead_ns: exact(statistics.overheadNs),
    min_ns: exactOrNull(statistics.minNs),
    mean_ns: exactOrNull(statistics.meanNs),
  };
}

/** What a probe did: a probe of `sb run --json`. */
export function statisticsDocument({ plan, floor, replaced, statistics }: ProbeReport) {
  return {
    target: plan.target,
    symbol: plan.symbol,
    aliases: plan.aliases,
    file: { path: plan.file.path, build_id: plan.file.buildId, replaced },
    file_offset: reportedOffset(plan),
    site: siteName(plan),
    ...delayMembers(plan.spec),
    ...floorMembers(floor),
    compensated: plan.spec.compensate,
    ...countMembers(statistics),
    p50_ns: exactOrNull(statistics.p50Ns),
    p90_ns: exactOrNull(statistics.p90Ns),
    p99_ns: exactOrNull(statistics.p99Ns),
    max_ns: exactOrNull(statistics.maxNs),
    histogram: statistics.histogram.filter((bucket) => bucket.count > 0).map((bucket) => ({
      ge_ns: exact(bucket.geNs),
      lt_ns: exact(bucket.ltNs),
      count: exact(bucket.count),
    })),
  };
}

/** What would be applied: a probe of `sb run --dry-run --json`. */
export function plannedDocument(plan: PlannedProbe) {
  return {
    target: plan.target,
    symbol: plan.symbol,
    demangled: plan.demangled,
    aliases: plan.aliases,
    file: { path: plan.file.path, build_id: plan.file.buildId },
    file_offset: reportedOffset(plan),
    at: plan.at,
    attach: plan.attach,
    sites: plan.sites.map((site) => ({
      file_offset: toHex(site.fileOffset),
      site: site.class,
      instruction: site.instruction,
      condition: site.condition ? { mask: toHex(site.condition.mask), when: site.condition.when } : null,
    })),
    ...delayMembers(plan.spec),
    ...floorMembers(plan.floor),
    compensated: plan.spec.compensate,
    schedule: scheduleMembers(plan.spec),
  };
}

function scopeMembers(scope: ListedScope) {
  if (scope.kind === "tree") {
    return { kind: "tree", pid: scope.pid, comm: scope.comm, members: scope.members };
  }
  return { kind: scope.kind, pid: null, comm: null, members: null };
}

function processMembers(process: NamedProcess | null) {
  return process && { pid: process.pid, comm: process.comm };
}

/** A probe of a list: a probe of `sb list --json`. */
export function listedDocument(probe: ListedProbe) {
  return {
    id: probe.id,
    backend: probe.backend,
    isolation: probe.isolation,
    persistent: probe.persistent,
    owner: processMembers(probe.owner),
    scope: scopeMembers(probe.scope),
    tag: probe.tag,
    target: probe.target,
    file: { path: probe.file.path, build_id: probe.file.buildId, replaced: probe.state === "stale" },
    sites: probe.sites.map((site) => ({ file_offset: toHex(site.fileOffset), site: site.class })),
    state: probe.state,
    ...delayMembers(probe.spec),
    schedule: scheduleMembers(probe.spec),
    compensated: probe.spec.compensate,
    ...floorMembers(probe.floor),
    ...countMembers(probe.statistics),
    max_ns: exactOrNull(probe.statistics.maxNs),
    outside: exact(probe.outside),
  };
}

function listedScope({ scope, members }: Probe): ListedScope {
  if (scope.kind === "tree") return { kind: "tree", ...namedProcess(scope.pid), members };
  return scope.kind === "cgroup" ? { kind: "cgroup", path: scope.path } : { kind: "all" };
}

/**
 * A live probe of a session: the members of `sb list --json`, and `symbol` and `scope.path` (of a cgroup, otherwise null).
 *
 * @param options.owner the process whose end takes it away; this one by default
 */
export function probeDocument(
  probe: Probe,
  { owner = namedProcess(Deno.pid) }: { owner?: NamedProcess | null } = {},
) {
  const { plan, scope } = probe;
  const { floor, replaced, statistics } = probe.stats();
  const document = listedDocument({
    id: probe.id,
    backend: probe.backend,
    isolation: probe.isolation,
    persistent: false,
    owner,
    scope: listedScope(probe),
    tag: null,
    target: plan.target,
    file: plan.file,
    sites: plan.attach === "trampoline"
      ? [{ fileOffset: plan.functionOffset, class: "trampoline" }]
      : plan.sites,
    state: replaced ? "stale" : probe.isEnabled ? "live" : "disabled",
    spec: plan.spec,
    floor,
    statistics,
    outside: probe.outside,
  });
  return {
    ...document,
    // As the list has them, and never null here.
    id: probe.id,
    isolation: probe.isolation,
    scope: { ...document.scope, path: scope.kind === "cgroup" ? scope.path : null },
    symbol: plan.symbol,
  };
}
