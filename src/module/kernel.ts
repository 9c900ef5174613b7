/** What the running kernel says of modules: whether it takes any, and of ours what is loaded. */
const SYSFS = "/sys/kernel/speed_bump";
const MODULE = "/sys/module/speed_bump";

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

/** The module as it is loaded. */
export interface LoadedState {
  version: string | null;
  abi: string | null;
  targets: number | null;
  enabled: boolean | null;
  maxTargets: number | null;
}

/** What is loaded; null when nothing is. */
export function loadedState(): LoadedState | null {
  const abi = read(`${SYSFS}/abi`);
  if (abi === null && read(`${MODULE}/initstate`) === null) return null;
  const stats = read(`${SYSFS}/stats`) ?? "";
  const number = (text: string | null | undefined) => text ? Number(text) : null;
  const enabled = read(`${SYSFS}/enabled`);
  return {
    version: read(`${MODULE}/version`),
    abi,
    targets: number(/^targets: (\d+)$/m.exec(stats)?.[1]),
    enabled: enabled === null ? null : enabled === "1",
    maxTargets: number(read(`${MODULE}/parameters/max_targets`)),
  };
}
