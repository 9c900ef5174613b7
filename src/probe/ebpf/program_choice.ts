/** What the program of a session must be able to do, and whether this kernel can run such a program. */
import { SbError } from "../../core/mod.ts";
import type { ProbeSpec } from "../model.ts";
import { isTimed } from "../spec.ts";
import type { EbpfFeatures } from "./features.ts";
import type { ProgramFeatures } from "./programs.ts";
import type { SiteRow } from "./site_rows.ts";

/** Refuses what only the kernel module can do. @throws SbError `probe.sleep_unsupported` */
export function requireSpin(target: string, { how }: ProbeSpec): void {
  if (how === "spin") return;
  throw new SbError("probe.sleep_unsupported", `Cannot sleep in "${target}": an eBPF program can only spin`, {
    hint: "Use --backend=kmod, or how=spin",
  });
}

/**
 * The features of the program for these breakpoints.
 *
 * @param options.filter whether executions out of the tree reach the program
 * @param options.anyDelay whether fixed delays may be given to probes later that have none now
 * @throws SbError `probe.sleep_unsupported`; `backend.unavailable` when the kernel lacks what it needs
 */
export function chooseProgram(
  rows: readonly SiteRow[],
  { filter, features, anyDelay = false }: { filter: boolean; features: EbpfFeatures; anyDelay?: boolean },
): ProgramFeatures {
  const specs = rows.map(({ plan }) => plan.spec);
  const timed = anyDelay || specs.some(isTimed);
  for (const { plan } of rows) requireSpin(plan.target, plan.spec);
  const only = rows.length === 1 && !rows[0].condition ? rows[0] : undefined;
  if (!features.uprobeMulti && features.uprobePmu === null) {
    throw new SbError("backend.unavailable", "Cannot attach with eBPF: this kernel has no uprobes", {
      hint: "See what works here: sb doctor",
    });
  }
  if (timed && !features.loop) {
    throw new SbError("backend.unavailable", "Cannot delay with eBPF: this kernel has no bpf_loop (5.17)", {
      hint: "See what works here: sb doctor",
    });
  }
  return {
    filter,
    timed,
    distribution: specs.some((spec) => spec.delay.kind !== "fixed"),
    window: specs.some(({ schedule }) => schedule.startNs > 0 || schedule.durationNs !== null),
    ordered: specs.some(({ schedule }) => schedule.every > 1 || schedule.times !== null),
    probability: specs.some(({ schedule }) => schedule.probability < 1),
    condition: rows.some((row) => row.condition),
    ...(only ? { cookie: { slot: only.slot, floorClass: only.floorClass } } : {}),
    yielding: features.sleepable,
  };
}
