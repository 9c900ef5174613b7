/** The processes of a tree that already runs. */
import { SbError } from "../core/mod.ts";
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

/** What a scan may still read. */
interface Budget {
  /** Threads and processes that were seen so far, and how many may be. */
  seen: number;
  most: number;
  root: number;
}

/** @throws SbError `scope.too_many` */
function spend(budget: Budget, count: number): void {
  budget.seen += count;
  if (budget.seen <= budget.most) return;
  throw new SbError(
    "scope.too_many",
    `Cannot follow process ${budget.root}: its tree has more than ${budget.most} threads and processes`,
    { hint: "Name a process further down in the tree", data: { root: budget.root, limit: budget.most } },
  );
}

/** /proc/PID/task/TID/children of each thread, in one text. */
function readChildrenText(threads: readonly number[], pid: number): string {
  return threads.map((thread) => {
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
function readChildren(pid: number, budget: Budget): number[] {
  try {
    const threads = listThreads(pid);
    spend(budget, threads.length);
    let text = readChildrenText(threads, pid);
    for (let attempt = 1; attempt < READ_TRIES && text.trim() !== ""; attempt++) {
      const again = readChildrenText(listThreads(pid), pid);
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
function childrenFinder(): (pid: number, budget: Budget) => readonly number[] {
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
  return (pid, budget) => {
    spend(budget, 1);
    return children.get(pid) ?? [];
  };
}

/**
 * The root and all its descendants, scanned until a scan finds nobody new: with fork tracking attached before, none is
 * left out. A descendant orphaned earlier cannot be found; the kernel keeps no record (`product.md`).
 *
 * sb and what it started are left out.
 *
 * @param rootPid a thread group leader
 * @param options.most threads and processes that it may have: reading a tree takes some 20 µs for each
 * @returns process ids, the root first; empty when the root has ended
 * @throws SbError `scope.too_many`
 */
export function scanTree(rootPid: number, { most = Infinity }: { most?: number } = {}): number[] {
  // Once found, a process stays: its parent may have ended between two scans.
  const found = new Set<number>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    const childrenOf = childrenFinder();
    const seen = new Set<number>();
    const budget: Budget = { seen: 0, most, root: rootPid };
    const queue = [rootPid];
    for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
      // sb itself is in no scope, although its caller may be.
      if (seen.has(pid) || (pid === Deno.pid && pid !== rootPid)) continue;
      seen.add(pid);
      found.add(pid);
      queue.push(...childrenOf(pid, budget));
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
