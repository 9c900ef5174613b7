/** The processes of a tree that already runs. */
import { isGone, listProcesses, listThreads, readProcessStat } from "../sys/mod.ts";

/** How often a list of children is read until it stays the same; a process that forks all the time has no such list. */
const READ_TRIES = 8;

/** Parent → children, of all processes there are now. */
function readAllChildren(): Map<number, number[]> {
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

/** /proc/PID/task/TID/children of each thread, in one text. */
function readChildrenText(pid: number): string {
  return listThreads(pid).map((thread) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/task/${thread}/children`);
    } catch (error) {
      // The thread has ended: ENOENT, or ESRCH while it is read.
      if (error instanceof Deno.errors.PermissionDenied) throw error;
      return "";
    }
  }).join("\n");
}

/**
 * The children of a process. A child that is reaped while the list is read hides a later one (proc_pid_task(5)); it was
 * printed before, so that two readings that agree have hidden nobody. Where nobody was printed nobody was hidden.
 */
function readChildren(pid: number): number[] {
  try {
    let text = readChildrenText(pid);
    for (let attempt = 1; attempt < READ_TRIES && text.trim() !== ""; attempt++) {
      const again = readChildrenText(pid);
      if (again === text) break;
      text = again;
    }
    return text.split(/\s+/).filter((word) => word !== "").map(Number);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

let hasChildrenFiles: boolean | undefined;

/** How the children of a process are found: from its own files, or by a look at all processes (without CONFIG_PROC_CHILDREN). */
function childrenFinder(): (pid: number) => readonly number[] {
  if (hasChildrenFiles === undefined) {
    try {
      Deno.statSync("/proc/thread-self/children");
      hasChildrenFiles = true;
    } catch {
      hasChildrenFiles = false;
    }
  }
  if (hasChildrenFiles) return readChildren;
  const children = readAllChildren();
  return (pid) => children.get(pid) ?? [];
}

/**
 * The root and all its descendants, scanned until a scan finds nobody new: with fork tracking attached before, none is
 * left out. A descendant orphaned earlier cannot be found; the kernel keeps no record (`product.md`).
 *
 * sb and what it started are left out.
 *
 * @param rootPid a thread group leader
 * @returns process ids, the root first; empty when the root has ended
 */
export function scanTree(rootPid: number): number[] {
  // Once found, a process stays: its parent may have ended between two scans.
  const found = new Set<number>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    const childrenOf = childrenFinder();
    const seen = new Set<number>();
    const queue = [rootPid];
    for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
      // sb itself is in no scope, although its caller may be.
      if (seen.has(pid) || (pid === Deno.pid && pid !== rootPid)) continue;
      seen.add(pid);
      found.add(pid);
      queue.push(...childrenOf(pid));
    }
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
