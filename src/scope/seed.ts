/** The processes of a tree that already runs. */
import { isGone, listProcesses, listThreads, readProcessStat } from "../sys/mod.ts";

/** Parent → children, of all processes there are now. */
function readChildren(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const pid of listProcesses()) {
    try {
      const { parentPid } = readProcessStat(pid);
      const siblings = children.get(parentPid);
      if (siblings) siblings.push(pid);
      else children.set(parentPid, [pid]);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return children;
}

/**
 * The root and all its descendants, scanned until two scans agree: with fork tracking attached before, none is
 * left out. A descendant orphaned earlier cannot be found; the kernel keeps no record (`product.md`).
 *
 * sb and what it started are left out.
 *
 * @param rootPid a thread group leader
 * @returns process ids, the root first; empty when the root has ended
 */
export function scanTree(rootPid: number): number[] {
  let found = new Set<number>();
  for (;;) {
    const children = readChildren();
    const tree = new Set<number>();
    const queue = [rootPid];
    for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
      // sb itself is in no scope, although its caller may be.
      if (tree.has(pid) || (pid === Deno.pid && pid !== rootPid)) continue;
      tree.add(pid);
      queue.push(...children.get(pid) ?? []);
    }
    // Once found, a process stays: its parent may have ended between two scans.
    const all = new Set([...found, ...tree]);
    if (all.size === found.size) break;
    found = all;
  }
  return [...found].filter(isAlive);
}

function isAlive(pid: number): boolean {
  try {
    // A leader that ended before its threads is a zombie too; its process is not.
    return readProcessStat(pid).state !== "Z" || listThreads(pid).length > 1;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
