/**
 * Which processes a peer may slow. Root may all. Others may those that the kernel would let them read: a process with the
 * peer's own ids and no capability asks it, by opening /proc/PID/maps (PTRACE_MODE_READ of ptrace(2)). What that process
 * says is believed only of processes that look like the peer's own to the server too.
 */
import type { PoolScope } from "../../mod.ts";
import { SbError } from "../../src/core/mod.ts";
import { scanTree } from "../../src/scope/mod.ts";
import {
  openProcess,
  type ProcessHandle,
  readProcessIds,
  readProcessStat,
  readUserNamespaceOwner,
  requireProcess,
} from "../../src/sys/mod.ts";
import type { Peer } from "./peer.ts";
import type { FileWorkers } from "./workers.ts";

/** A scope as the protocol has it. */
export type ScopeParams = { tree?: number; cgroup?: string; system?: boolean };

/** Who asks the kernel with a peer's rights, and whose time it is that looking takes. */
export type Admission = Pick<FileWorkers, "admit" | "share">;

/** Threads and processes that the tree of a user may have: the server itself reads them, several times for a probe. */
const MOST_TASKS = 512;
/** Processes that are looked at in one go. */
const CHUNK = 32;
/** Looks at a tree, at the most: one that still grows then is a fork bomb, and is taken as it is. */
const MOST_LOOKS = 8;

/** A process, told apart from a later one of the same id. */
interface Identity {
  pid: number;
  startTicks: number;
}

function refuseProcess(peer: Peer, pid: number, what: string): SbError {
  return new SbError(
    "permission.process",
    `Cannot ${what} process ${pid}: user ${peer.uid} may not look into it`,
    {
      hint: "Name a process of your own that is not set-id, or ask root",
      data: { pid, uid: peer.uid },
    },
  );
}

function refuseScope(peer: Peer, what: string): SbError {
  return new SbError(
    "permission.scope",
    `Cannot slow ${what}: user ${peer.uid} may slow trees of processes only`,
    {
      hint: 'Name a process of your own: "scope": {"tree": PID}',
      data: { uid: peer.uid },
    },
  );
}

function identify(pid: number): Identity | null {
  try {
    return { pid, startTicks: readProcessStat(pid).startTicks };
  } catch {
    return null;
  }
}

/** Who owns what /proc shows of a process: its user, or root when it must not be looked into (task_dump_owner()). */
function memoryOwner(pid: number): number | null {
  try {
    return Deno.lstatSync(`/proc/${pid}/maps`).uid;
  } catch {
    return null;
  }
}

/**
 * Whether a process is the peer's own as far as anybody can see: the rule of __ptrace_may_access() in kernel/ptrace.c, but
 * for security modules.
 */
function isOwn(peer: Peer, pid: number): boolean {
  const owner = readUserNamespaceOwner(pid);
  if (owner === undefined) return false;
  // Who makes a name space of users has every capability in it (user_namespaces(7)).
  if (owner !== null) return owner === peer.uid;
  const ids = readProcessIds(pid);
  return ids !== null && ids.isUnprivileged && ids.uids.every((uid) => uid === peer.uid) &&
    ids.gids.every((gid) => gid === peer.gid) && memoryOwner(pid) === peer.uid;
}

/** Those of a few processes that the peer may slow, as they are now. */
async function admittedOf(peer: Peer, pids: readonly number[], workers: Admission): Promise<Identity[]> {
  using handles = new DisposableStack();
  const held = new Map<number, { process: ProcessHandle; identity: Identity }>();
  workers.share.charge(peer.uid, () => {
    for (const pid of pids) {
      if (pid === 1 || pid === Deno.pid) continue;
      const process = openProcess(pid);
      if (process === null) continue;
      handles.use(process);
      const identity = identify(pid);
      if (identity !== null) held.set(pid, { process, identity });
    }
  });
  if (held.size === 0) return [];
  const readable = await workers.admit(peer, [...held.keys()]);
  return workers.share.charge(peer.uid, () =>
    readable.flatMap((pid) => {
      const known = held.get(pid);
      // Alive still, so the id meant the same process all the time.
      return known && isOwn(peer, pid) && known.process.isAlive ? [known.identity] : [];
    }));
}

/** The same of many: others get their turn in between. */
async function admitted(peer: Peer, pids: readonly number[], workers: Admission): Promise<Identity[]> {
  const found: Identity[] = [];
  for (let at = 0; at < pids.length; at += CHUNK) {
    found.push(...await admittedOf(peer, pids.slice(at, at + CHUNK), workers));
  }
  return found;
}

/** Whether the kernel keeps set-id programs from their callers by hiding them: fs.suid_dumpable of proc_sys_fs(5). */
function hidesSetId(): boolean {
  try {
    return Deno.readTextFileSync("/proc/sys/fs/suid_dumpable").trim() !== "1";
  } catch {
    return false;
  }
}

/** The tree of a process, of which only what the peer may slow is ever named. */
async function ownTree(peer: Peer, root: number, workers: Admission): Promise<PoolScope> {
  if (root === 1) throw refuseScope(peer, "process 1");
  const { share } = workers;
  const look = () => share.charge(peer.uid, () => scanTree(root, { most: MOST_TASKS }));
  const known = new Map<number, Identity>();
  const looked = new Set<number>();
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const fresh = (looks === 0 ? [root] : look()).filter((pid) => !looked.has(pid));
    if (looks > 0 && fresh.length === 0) break;
    for (const pid of fresh) looked.add(pid);
    for (const identity of await admitted(peer, fresh, workers)) known.set(identity.pid, identity);
    if (!known.has(root)) {
      // What is not there, and which process a thread is of, everybody may know; the rest is not told.
      requireProcess(root);
      throw refuseProcess(peer, root, "slow");
    }
  }
  // Whoever was admitted and gains anything since is root's to look into, or another user's.
  const isUnchanged = hidesSetId()
    ? (pid: number) => memoryOwner(pid) === peer.uid
    : (pid: number) => isOwn(peer, pid);
  const isSame = (pid: number) => identify(pid)?.startTicks === known.get(pid)?.startTicks;
  const isAdmitted = (pid: number) => {
    if (known.has(pid)) return isSame(pid) && (isUnchanged(pid) || isOwn(peer, pid));
    // One that was forked since the last look is judged by what the server itself can see.
    return pid !== 1 && !looked.has(pid) && isOwn(peer, pid);
  };
  const { uid } = peer;
  return {
    kind: "tree",
    pid: root,
    guarded: true,
    scan: () =>
      share.charge(uid, () => isSame(root) ? scanTree(root, { most: MOST_TASKS }).filter(isAdmitted) : []),
  };
}

/**
 * The scope that a peer asked for.
 *
 * @param asked its own tree where it asked for none
 * @throws SbError `permission.scope`, `permission.process`, `peer.pid_namespace`, `process.*`
 */
export async function authoriseScope(
  peer: Peer,
  asked: ScopeParams | undefined,
  workers: Admission,
): Promise<PoolScope> {
  if (asked?.cgroup !== undefined) {
    if (!peer.isRoot) throw refuseScope(peer, `the cgroup "${asked.cgroup}"`);
    return { kind: "cgroup", path: asked.cgroup };
  }
  if (asked?.system) {
    if (!peer.isRoot) throw refuseScope(peer, "every process");
    return { kind: "all" };
  }
  const root = namedProcess(peer, asked?.tree);
  if (!peer.isRoot) return await workers.share.turn(peer.uid, () => ownTree(peer, root, workers));
  requireProcess(root);
  const identity = identify(root);
  return {
    kind: "tree",
    pid: root,
    guarded: false,
    scan: () => identity !== null && identify(root)?.startTicks === identity.startTicks ? scanTree(root) : [],
  };
}

/** The process that a peer means. @throws SbError `peer.pid_namespace`, `process.not_found` */
function namedProcess(peer: Peer, pid: number | undefined): number {
  if (pid !== undefined) {
    if (!peer.foreignPids) return pid;
    throw new SbError(
      "peer.pid_namespace",
      `Cannot use process ${pid}: the client lives in another name space of process ids, where ids mean other processes`,
      { hint: "Leave the id out: the client's own tree is meant then" },
    );
  }
  if (peer.process.isAlive) return peer.pid;
  throw new SbError("process.not_found", `Cannot find process ${peer.pid}: the client has ended`);
}

/** @param options.what is to be done with the process, for the refusal */
async function requireAdmitted(
  peer: Peer,
  pid: number,
  { workers, what }: { workers: Admission; what: string },
): Promise<void> {
  if (peer.isRoot) requireProcess(pid);
  else if ((await admitted(peer, [pid], workers)).length === 0) {
    requireProcess(pid);
    throw refuseProcess(peer, pid, what);
  }
}

/**
 * The process in whose eyes names are looked up.
 *
 * @param pid the peer itself where it named none
 * @throws SbError `permission.process`, `permission.scope`, `peer.pid_namespace`, `process.*`
 */
export async function authorisePid(peer: Peer, pid: number | undefined, workers: Admission): Promise<number> {
  const named = namedProcess(peer, pid);
  await requireAdmitted(peer, named, { workers, what: "look names up as" });
  return named;
}

/**
 * The root of a tree that is counted. Which of its descendants are the peer's is for the kernel to say: it goes by who opened
 * the tracer.
 *
 * @param pid the peer itself where it named none
 * @throws SbError `permission.process`, `peer.pid_namespace`, `process.*`
 */
export async function authoriseCount(
  peer: Peer,
  pid: number | undefined,
  workers: Admission,
): Promise<number> {
  const named = namedProcess(peer, pid);
  await requireAdmitted(peer, named, { workers, what: "count" });
  return named;
}
