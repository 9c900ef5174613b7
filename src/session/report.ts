/** The figures of a session's probes, as every report has them. */
import { fileReplaced } from "../command/mod.ts";
import { humanTime } from "../core/mod.ts";
import type { BackendSession, BystanderCost, Isolation, Late, ProbePlan, ProbeReport } from "../probe/mod.ts";

/** What a session's reports are made of. */
export interface ReportSource {
  session: BackendSession;
  plans: readonly ProbePlan[];
  isolation: Isolation;
  /** Processes out of scope that had a file mapped when the probes were attached. */
  bystanderProcesses: number;
}

/** A report a probe, as of now. */
export function reportProbes({ session, plans }: ReportSource): ProbeReport[] {
  const floors = session.floors;
  const files = new Map(plans.map((plan) => [plan.file.path, plan.file]));
  const replaced = new Map([...files].map(([path, file]) => [path, fileReplaced(file)]));
  return session.statistics().map((statistics, index) => ({
    plan: plans[index],
    floor: floors[index],
    replaced: replaced.get(plans[index].file.path) ?? false,
    statistics,
  }));
}

/** What `shared` isolation cost others so far; undefined with the other isolations. */
export function reportBystanders(source: ReportSource): BystanderCost | undefined {
  if (source.isolation !== "shared") return undefined;
  return { processes: source.bystanderProcesses, ...source.session.bystanders() };
}

/** Sentences on what was lost. */
export function lossNotes({ session: { untracked } }: ReportSource): string[] {
  return untracked === 0 ? [] : [untrackedNote(untracked)];
}

/** What it means that processes could not be followed. */
export function untrackedNote(processes: number): string {
  return `${processes} processes of the tree could not be followed: their hits are missing`;
}

/**
 * What it means that forked processes were armed late.
 *
 * @param options.tree the root, where there are several trees
 * @param options.remedy what misses nothing, as the reader would write it
 */
export function lateNote(
  { processes, medianNs, longestNs }: Late,
  { tree, remedy }: { tree?: number; remedy: string },
): string {
  const where = tree === undefined ? "" : ` in the tree of ${tree}`;
  const times = `${humanTime(medianNs)} (median; at most ${humanTime(longestNs)})`;
  return `${processes} processes were forked meanwhile${where} and armed ${times} after their fork; what they called ` +
    `before was neither delayed nor counted (to miss nothing: ${remedy})`;
}
