/** The JSON documents of runs, attachments and plans; `docs/json.md` says what each member means. Pure. */
import {
  type AttachResult,
  type BystanderCost,
  type DryRun,
  type Floor,
  meanDelayNs,
  type ProbePlan,
  type ProbeReport,
  type RunResult,
} from "../../../mod.ts";
import { toHex } from "../../core/mod.ts";
import { envelope, jsonLine } from "./envelope.ts";

/** A number that JSON readers keep exact: saturating at 2^53 − 1. */
export function exact(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** The same; null stays null. */
export function exactOrNull(value: number | null): number | null {
  return value === null ? null : exact(value);
}

/** The instructions that a probe sits on: `push`, `push+ret`, or `trampoline`. */
export function siteName(plan: { attach: ProbePlan["attach"]; sites: ProbePlan["sites"] }): string {
  if (plan.attach === "trampoline") return "trampoline";
  return [...new Set(plan.sites.map((site) => site.class))].join("+");
}

/** Where the first breakpoint sits; a trampoline sits on the function's first instruction. */
function reportedOffset(plan: ProbePlan): string {
  return toHex(plan.attach === "trampoline" ? plan.functionOffset : plan.sites[0].fileOffset);
}

/** A floor, as every document has it. */
export function floorMembers(floor: Floor | null) {
  return {
    floor_ns: floor?.source === "calibrated" ? floor.ns : null,
    floor_source: floor?.source ?? "unknown",
  };
}

function probeJson({ plan, floor, replaced, statistics }: ProbeReport) {
  return {
    target: plan.target,
    symbol: plan.symbol,
    aliases: plan.aliases,
    file: { path: plan.file.path, build_id: plan.file.buildId, replaced },
    file_offset: reportedOffset(plan),
    site: siteName(plan),
    delay: plan.spec.delayText,
    delay_ns: Math.round(meanDelayNs(plan.spec.delay)),
    ...floorMembers(floor),
    compensated: plan.spec.compensate,
    hits: exact(statistics.hits),
    delayed: exact(statistics.delayed),
    cut: exact(statistics.cut),
    misses: exact(statistics.misses),
    clipped: exact(statistics.clipped),
    added_ns: exact(statistics.addedNs),
    overhead_ns: exact(statistics.overheadNs),
    min_ns: exactOrNull(statistics.minNs),
    mean_ns: exactOrNull(statistics.meanNs),
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

function bystandersJson(cost: BystanderCost | undefined) {
  if (!cost) return null;
  return { processes: cost.processes, hits: exact(cost.hits), cost_ns: exact(cost.costNs) };
}

/** `run --json`. */
export function runJson(result: RunResult): string {
  return jsonLine({
    ...envelope(),
    command: result.command,
    exit: result.exit,
    signal: result.signal,
    backend: result.backend,
    isolation: result.isolation,
    wall_ns: exact(result.wallNs),
    user_ns: exact(result.userNs),
    sys_ns: exact(result.sysNs),
    max_rss_bytes: exact(result.maxRssBytes),
    probes: result.probes.map(probeJson),
    bystanders: bystandersJson(result.bystanders),
    notes: result.notes,
  });
}

/** A line of `attach --json`: one at each interval, and the last with `ended` set. */
export function attachJson(result: AttachResult): string {
  return jsonLine({
    ...envelope(),
    pid: result.pid,
    comm: result.comm,
    ended: result.ended,
    backend: result.backend,
    isolation: result.isolation,
    wall_ns: exact(result.wallNs),
    probes: result.probes.map(probeJson),
    bystanders: bystandersJson(result.bystanders),
    notes: result.notes,
  });
}

/** `--dry-run --json`. */
export function dryRunJson(plan: DryRun): string {
  return jsonLine({
    ...envelope(),
    dry_run: true,
    command: plan.command,
    pid: plan.pid,
    backend: plan.backend,
    isolation: plan.isolation,
    isolation_reason: plan.isolationReason,
    probes: plan.probes.map((probe) => ({
      target: probe.target,
      symbol: probe.symbol,
      demangled: probe.demangled,
      aliases: probe.aliases,
      file: { path: probe.file.path, build_id: probe.file.buildId },
      file_offset: reportedOffset(probe),
      at: probe.at,
      attach: probe.attach,
      sites: probe.sites.map((site) => ({
        file_offset: toHex(site.fileOffset),
        site: site.class,
        instruction: site.instruction,
        condition: site.condition ? { mask: toHex(site.condition.mask), when: site.condition.when } : null,
      })),
      delay: probe.spec.delayText,
      delay_ns: Math.round(meanDelayNs(probe.spec.delay)),
      ...floorMembers(probe.floor),
      compensated: probe.spec.compensate,
      schedule: {
        every: probe.spec.schedule.every,
        probability: probe.spec.schedule.probability,
        times: probe.spec.schedule.times,
        start_ns: probe.spec.schedule.startNs,
        duration_ns: probe.spec.schedule.durationNs,
        how: probe.spec.how,
      },
    })),
    notes: plan.notes,
  });
}
