/** Whether the kernel module is there, and what of it. */
import { findBuilt } from "./build.ts";
import { loadedState, moduleObstacle } from "./kernel.ts";
import type { ModuleStatus } from "./model.ts";
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

/** Looks; changes nothing. */
export async function moduleStatus(): Promise<ModuleStatus> {
  const release = Deno.osRelease();
  const loaded = loadedState();
  return {
    loaded: loaded !== null,
    version: loaded?.version ?? null,
    abi: loaded?.abi ?? null,
    targets: loaded?.targets ?? null,
    enabled: loaded?.enabled ?? null,
    maxTargets: loaded?.maxTargets ?? null,
    sourceVersion: sourceVersion(moduleSources()),
    path: await findBuilt(release),
    kdir: treeOf(release),
    obstacle: moduleObstacle(),
  };
}
