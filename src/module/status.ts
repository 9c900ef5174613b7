/** Whether the kernel modules are there, and what of them. */
import { findBuilt } from "./build.ts";
import { loadedState, moduleObstacle } from "./kernel.ts";
import { MODULE_NAMES, type ModuleName, type ModulesStatus, type ModuleStatus } from "./model.ts";
import { defaultTree } from "./prerequisites.ts";
import { moduleSources, sourceVersion } from "./sources.ts";

function treeOf(release: string): string | null {
  const tree = defaultTree(release);
  try {
    Deno.statSync(`${tree}/Makefile`);
    return tree;
  } catch {
    return null;
  }
}

async function statusOf(module: ModuleName, release: string): Promise<ModuleStatus> {
  const loaded = loadedState(module);
  return {
    module,
    loaded: loaded !== null,
    version: loaded?.version ?? null,
    abi: loaded?.abi ?? null,
    targets: loaded?.targets ?? null,
    enabled: loaded?.enabled ?? null,
    maxTargets: loaded?.maxTargets ?? null,
    processes: loaded?.processes ?? null,
    maxProcesses: loaded?.maxProcesses ?? null,
    path: await findBuilt(module, release),
  };
}

/** Looks; changes nothing. */
export async function moduleStatus(): Promise<ModulesStatus> {
  const release = Deno.osRelease();
  return {
    modules: await Promise.all(MODULE_NAMES.map((module) => statusOf(module, release))),
    sourceVersion: sourceVersion(moduleSources()),
    kdir: treeOf(release),
    obstacle: moduleObstacle(),
  };
}
