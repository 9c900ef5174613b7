/** The JSON documents of runs, attachments and plans; `docs/json.md` says what each member means. Pure. */
import {
  type AttachResult,
  type BystanderCost,
  type DryRun,
  plannedDocument,
  type RunResult,
  statisticsDocument,
} from "../../../mod.ts";
import { exact } from "../../core/mod.ts";
import { envelope, jsonLine } from "./envelope.ts";

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
    probes: result.probes.map(statisticsDocument),
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
    probes: result.probes.map(statisticsDocument),
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
    probes: plan.probes.map(plannedDocument),
    notes: plan.notes,
  });
}
