/** Which backend carries probes out, and why; the one place that opens a session's backend. */
import { asSbError, SbError } from "../core/mod.ts";
import type { BackendOptions, BackendSession } from "./backend.ts";
import { probeFeatures } from "./ebpf/features.ts";
import { openEbpfPool } from "./ebpf/pool/pool.ts";
import { openEbpfSession } from "./ebpf/session.ts";
import { openKmodPool } from "./kmod/pool.ts";
import { openKmodSession } from "./kmod/session.ts";
import { SpeedBumpFiles } from "./kmod/sysfs.ts";
import type { ProbePlan, ProbeRequest } from "./model.ts";
import type { ProbePool } from "./pool.ts";
import { isTimed } from "./spec.ts";

/** A backend that works on real programs. */
export type RealBackend = "ebpf" | "kmod";

/** What a user asks for. */
export type BackendRequest = "auto" | RealBackend;

/** What was chosen. */
export interface BackendChoice {
  backend: RealBackend;
  /** Why it is not the usual one, or not another; null where there is nothing to say. */
  reason: string | null;
}

function refuseSleep({ target }: ProbeRequest, asked: BackendRequest): SbError {
  const isAsked = asked === "ebpf";
  return new SbError(
    "probe.sleep_unsupported",
    isAsked
      ? `Cannot sleep in "${target}": an eBPF program can only spin`
      : `Cannot sleep in "${target}": that needs the kernel module, which is not loaded`,
    { hint: isAsked ? "Use --backend=kmod, or how=spin" : "Load it: sudo sb module load; or use how=spin" },
  );
}

/** Why eBPF cannot carry the probes here; null when it can, and when only trying will tell. */
function ebpfObstacle(requests: readonly ProbeRequest[]): string | null {
  let features;
  try {
    features = probeFeatures();
  } catch (thrown) {
    const error = asSbError(thrown);
    return error.data.errno === "ENOSYS" ? "the kernel has no BPF" : null;
  }
  if (!features.uprobeMulti && features.uprobePmu === null) return "the kernel lets no program at uprobes";
  if (!features.loop && requests.some(({ spec }) => isTimed(spec))) {
    return "the kernel has no bpf_loop (5.17)";
  }
  return null;
}

/**
 * Chooses: what was asked for; otherwise the module where a probe sleeps or eBPF cannot be used, and eBPF everywhere else.
 *
 * @param options.module the module's files, where they are not those of this machine
 * @throws SbError `probe.sleep_unsupported`, `module.not_loaded`, `module.abi`
 */
export function chooseBackend(
  asked: BackendRequest,
  requests: readonly ProbeRequest[],
  { module = new SpeedBumpFiles() }: { module?: SpeedBumpFiles } = {},
): BackendChoice {
  const sleeping = requests.find(({ spec }) => spec.how === "sleep");
  if (asked === "kmod") {
    module.requireUsable();
    return { backend: "kmod", reason: "it was asked for" };
  }
  if (sleeping) {
    if (asked === "ebpf" || !module.isLoaded) throw refuseSleep(sleeping, asked);
    module.requireUsable();
    return { backend: "kmod", reason: "only the kernel module can sleep" };
  }
  if (asked === "ebpf") return { backend: "ebpf", reason: "it was asked for" };
  // What hinders eBPF is asked only where there is a choice.
  const obstacle = module.isLoaded ? ebpfObstacle(requests) : null;
  if (obstacle === null) return { backend: "ebpf", reason: null };
  module.requireUsable();
  return { backend: "kmod", reason: `eBPF cannot be used: ${obstacle}` };
}

/** Opens the session of the backend that was chosen. @throws SbError */
export function openBackendSession(
  backend: RealBackend,
  plans: readonly ProbePlan[],
  options: BackendOptions,
): BackendSession {
  return backend === "kmod" ? openKmodSession(plans, options) : openEbpfSession(plans, options);
}

/** Opens a pool of the backend that was chosen. @throws SbError */
export function openPool(backend: RealBackend): ProbePool {
  return backend === "kmod" ? openKmodPool() : openEbpfPool();
}
