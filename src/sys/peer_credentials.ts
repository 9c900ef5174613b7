/** Who is at the other end of a Unix socket, as the kernel noted it when the connection was made. unix(7), socket(7). */
import { Errno, OwnedFd, systemCall } from "../../ffi/mod.ts";
import { openProcess, ProcessHandle } from "./process_handle.ts";

/** asm-generic/socket.h */
const SOL_SOCKET = 1, SO_PEERCRED = 17, SO_PEERGROUPS = 59, SO_PEERPIDFD = 77;
const ERANGE = 34;

/** The peer of a connection. Disposing closes its process handle. */
export interface PeerCredentials extends Disposable {
  /** As this process sees it: in its own name space of process ids. */
  pid: number;
  /** The effective ids at connect(2). */
  uid: number;
  gid: number;
  /** The supplementary groups at connect(2). */
  groups: number[];
  process: ProcessHandle;
  /** Whether it lives in another name space of process ids, below this process's own. */
  isNested: boolean;
}

/** How a socket is asked. */
export interface PeerOptions {
  /** Whether to ask for SO_PEERPIDFD (6.5); without it the process is found by its id, and must have the same ids still. */
  peerPidfd?: boolean;
}

function readOption(fd: number, option: number, value: Uint32Array<ArrayBuffer>): number {
  const length = Uint32Array.of(value.byteLength);
  const result = systemCall(
    "getsockopt",
    fd,
    SOL_SOCKET,
    option,
    new Uint8Array(value.buffer),
    new Uint8Array(length.buffer),
  );
  return result < 0 ? result : length[0];
}

function readGroups(fd: number): number[] | null {
  for (let room = 64; room <= 65_536; room *= 4) {
    const groups = new Uint32Array(room);
    const bytes = readOption(fd, SO_PEERGROUPS, groups);
    if (bytes >= 0) return [...groups.subarray(0, bytes / 4)];
    if (bytes !== -ERANGE) return null;
  }
  return null;
}

/** The peer's process; null when it has ended, or when nothing proves that the id is still its own. */
function openPeer(fd: number, ids: { pid: number; uid: number }, peerPidfd: boolean): ProcessHandle | null {
  const value = new Uint32Array(1);
  const result = peerPidfd ? readOption(fd, SO_PEERPIDFD, value) : -Errno.EINVAL;
  if (result > 0) return new ProcessHandle(ids.pid, new OwnedFd(value[0], "peer"));
  const isUnknown = result === -Errno.EINVAL || result === -ENOPROTOOPT;
  if (!isUnknown) return null;
  // An id that another process took over since is of no use to who gave it up: what a peer may do follows from its user.
  const handle = openProcess(ids.pid);
  if (handle && handle.readIds()?.uids.every((uid) => uid === ids.uid)) return handle;
  handle?.[Symbol.dispose]();
  return null;
}
const ENOPROTOOPT = 92;

/**
 * Reads the peer of a connected Unix socket.
 *
 * @returns null when it cannot be told for certain: no credentials, a process that has ended, or one of a name space of
 * process ids that this process cannot see into
 */
export function readPeerCredentials(fd: number, options: PeerOptions = {}): PeerCredentials | null {
  const credentials = new Uint32Array(3);
  if (readOption(fd, SO_PEERCRED, credentials) !== credentials.byteLength) return null;
  const [pid, uid, gid] = credentials;
  if (pid === 0 || pid > 0x7fff_ffff || uid === NO_ID || gid === NO_ID) return null;
  const groups = readGroups(fd);
  if (groups === null) return null;
  const process = openPeer(fd, { pid, uid }, options.peerPidfd ?? true);
  if (process === null) return null;
  const ids = process.readNestedPids();
  if (process.isAlive && ids[0] === pid) {
    const isNested = ids.length > 1;
    return { pid, uid, gid, groups, process, isNested, [Symbol.dispose]: () => process[Symbol.dispose]() };
  }
  process[Symbol.dispose]();
  return null;
}
/** (uid_t) −1 */
const NO_ID = 0xffff_ffff;
