/** What the running kernel says of modules: whether it takes any, and of ours what is loaded. */
import type { LoadedState, ModuleName } from "./model.ts";

const SPEED_BUMP = "/sys/kernel/speed_bump";
const MODULES = "/sys/module";

function read(path: string): string | null {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return null;
  }
}

/**
 * Why this kernel takes no module that was built here; null when nothing is known to hinder.
 *
 * @param root what stands before /proc and /sys, where they are not this machine's
 */
export function moduleObstacle(root = ""): string | null {
  if (read(`${root}/proc/modules`) === null) return "this kernel cannot load modules (CONFIG_MODULES)";
  if (read(`${root}/proc/sys/kernel/modules_disabled`) === "1") {
    return "loading modules is switched off until the next boot (kernel.modules_disabled)";
  }
  const lockdown = /\[(\w+)\]/.exec(read(`${root}/sys/kernel/security/lockdown`) ?? "")?.[1];
  if (lockdown !== undefined && lockdown !== "none") {
    return `the kernel is locked down (${lockdown}): it takes only modules signed by its own keys`;
  }
  if (read(`${root}/sys/module/module/parameters/sig_enforce`) === "Y") {
    return "the kernel takes only modules signed by its own keys (module.sig_enforce)";
  }
  return null;
}

function number(text: string | null | undefined): number | null {
  return text ? Number(text) : null;
}

function parameter(module: ModuleName, name: string): number | null {
  return number(read(`${MODULES}/${module}/parameters/${name}`));
}

/** What every module has, and nothing of what only some have. */
function commonState(module: ModuleName): LoadedState {
  return {
    version: read(`${MODULES}/${module}/version`),
    abi: null,
    targets: null,
    enabled: null,
    maxTargets: null,
    processes: null,
    maxProcesses: null,
  };
}

function speedBumpState(): LoadedState {
  const stats = read(`${SPEED_BUMP}/stats`) ?? "";
  const enabled = read(`${SPEED_BUMP}/enabled`);
  return {
    ...commonState("speed_bump"),
    abi: read(`${SPEED_BUMP}/abi`),
    targets: number(/^targets: (\d+)$/m.exec(stats)?.[1]),
    enabled: enabled === null ? null : enabled === "1",
    maxTargets: parameter("speed_bump", "max_targets"),
  };
}

function tracerState(): LoadedState {
  // A line a process, below the titles.
  const lines = read("/proc/tracer")?.split("\n");
  return {
    ...commonState("tracer"),
    processes: lines === undefined ? null : lines.length - 1,
    maxProcesses: parameter("tracer", "max_processes"),
  };
}

/** What is loaded of a module; null when it is not. */
export function loadedState(module: ModuleName): LoadedState | null {
  if (read(`${MODULES}/${module}/initstate`) === null) return null;
  return module === "tracer" ? tracerState() : speedBumpState();
}
