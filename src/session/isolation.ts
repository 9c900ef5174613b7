/** How processes out of scope are kept free of the trap: what is possible for these files, and what is chosen. */
import { SbError } from "../core/mod.ts";
import { privateFileObstacle } from "../command/mod.ts";
import {
  type BackendName,
  type Isolation,
  type PoolScope,
  probeFeatures,
  type ProbePlan,
  type RealBackend,
} from "../probe/mod.ts";
import { processesMapping } from "../sys/mod.ts";
import type { TargetFile } from "../symbols/mod.ts";

/** What was chosen. */
export interface IsolationChoice {
  isolation: Isolation;
  /** Why it is not the strongest one; null when it is. */
  reason: string | null;
}

/** The files of probes, each once. */
export function filesOf(plans: readonly ProbePlan[]): TargetFile[] {
  return [...new Map(plans.map((plan) => [plan.file.path, plan.file])).values()];
}

/** Processes out of the tree that map one of the files now. */
export function bystandersOf(files: readonly TargetFile[], tree: readonly number[]): number[] {
  const members = new Set([...tree, Deno.pid]);
  const mapping = new Set(files.flatMap((file) => processesMapping(file.device, file.inode)));
  return [...mapping].filter((pid) => !members.has(pid));
}

function refusePerProcess(): void {
  if (probeFeatures().uprobeMulti) return;
  throw new SbError(
    "isolation.unavailable",
    "Cannot isolate per process: this kernel has no uprobe_multi (6.6)",
    {
      hint: "Use --isolation=shared",
    },
  );
}

/**
 * The kernel module puts breakpoints into the processes of the scope and no others, children included from their fork on.
 */
function moduleIsolation(asked: "auto" | Isolation): IsolationChoice {
  if (asked === "auto") return { isolation: "per-process", reason: null };
  if (asked === "per-process") return { isolation: asked, reason: "it was asked for" };
  throw new SbError(
    "isolation.unavailable",
    `Cannot use the isolation ${asked} with the kernel module: it gives breakpoints to processes, not to files`,
    { hint: "Use --isolation=per-process, or --backend=ebpf" },
  );
}

/**
 * Chooses for a command that sb starts: with eBPF a private file where every file allows it; otherwise `shared`, which is as
 * exact and makes others pay.
 *
 * @throws SbError `isolation.unavailable` when the one asked for cannot be had
 */
export function chooseRunIsolation(
  asked: "auto" | Isolation,
  { files, backend }: { files: readonly TargetFile[]; backend: RealBackend },
): IsolationChoice {
  if (backend === "kmod") return moduleIsolation(asked);
  if (asked === "per-process") refusePerProcess();
  if (asked === "per-process" || asked === "shared") return { isolation: asked, reason: "it was asked for" };
  for (const file of files) {
    const obstacle = privateFileObstacle(file);
    if (obstacle === null) continue;
    if (asked === "auto") {
      return { isolation: "shared", reason: `no private copy of ${file.path}: ${obstacle}` };
    }
    throw new SbError(
      "isolation.unavailable",
      `Cannot give the command a private "${file.path}": ${obstacle}`,
      {
        hint: "Use --isolation=shared, or per-process",
      },
    );
  }
  return { isolation: "private-file", reason: null };
}

/**
 * Chooses for a tree that runs: with eBPF `shared` where nobody else maps the files (then nobody pays), otherwise `per-process`.
 *
 * @throws SbError `isolation.unavailable` when the one asked for cannot be had
 */
export function chooseAttachIsolation(
  asked: "auto" | Isolation,
  { files, tree, backend }: { files: readonly TargetFile[]; tree: readonly number[]; backend: RealBackend },
): IsolationChoice {
  if (backend === "kmod") return moduleIsolation(asked);
  if (asked === "private-file") {
    throw new SbError(
      "isolation.unavailable",
      "Cannot give a running process a private file: it has its files mapped",
      {
        hint: "Use --isolation=per-process, or shared",
      },
    );
  }
  if (asked === "per-process") refusePerProcess();
  if (asked !== "auto") return { isolation: asked, reason: "it was asked for" };
  const others = bystandersOf(files, tree).length;
  if (others === 0) return { isolation: "shared", reason: "no other process maps the files" };
  if (!probeFeatures().uprobeMulti) {
    return { isolation: "shared", reason: "this kernel has no uprobe_multi (6.6), which per-process needs" };
  }
  return { isolation: "per-process", reason: `${others} other processes map the files` };
}

/**
 * Chooses for a probe of a session that stays open: `per-process` for trees where it can be had, so that nobody out of scope
 * ever pays; `shared` for cgroups and for every process.
 *
 * @throws SbError `isolation.unavailable` when the one asked for cannot be had
 */
export function choosePoolIsolation(
  asked: "auto" | "per-process" | "shared",
  { scope, backend }: { scope: PoolScope; backend: BackendName },
): "per-process" | "shared" {
  if (backend === "kmod") return moduleIsolation(asked).isolation as "per-process";
  if (scope.kind !== "tree") {
    if (asked !== "per-process") return "shared";
    throw new SbError(
      "isolation.unavailable",
      `Cannot isolate per process: the scope is ${scope.kind === "all" ? "every process" : "a cgroup"}`,
      { hint: "Use the isolation shared, or the scope of a tree" },
    );
  }
  const isPossible = backend !== "ebpf" || probeFeatures().uprobeMulti;
  if (asked === "per-process" && !isPossible) refusePerProcess();
  return asked === "auto" ? isPossible ? "per-process" : "shared" : asked;
}
