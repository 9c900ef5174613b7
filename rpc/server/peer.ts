/** Who a connection is from. Everything that it may do follows from the ids that the kernel noted at connect(2). */
import { SbError } from "../../src/core/mod.ts";
import {
  type PeerOptions,
  type ProcessHandle,
  readPeerCredentials,
  readProcessName,
} from "../../src/sys/mod.ts";

/** The process at the other end of a connection. Disposing lets go of it. */
export interface Peer extends Disposable {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** The supplementary groups. */
  readonly groups: readonly number[];
  /** Its name; null when it has ended since. */
  readonly comm: string | null;
  readonly isRoot: boolean;
  /** Whether it lives in another name space of process ids: the ids that it knows mean other processes here. */
  readonly foreignPids: boolean;
  /** The process itself, whatever its id comes to mean. */
  readonly process: ProcessHandle;
}

function readName(process: ProcessHandle): string | null {
  try {
    const name = readProcessName(process.pid);
    return process.isAlive ? name : null;
  } catch {
    return null;
  }
}

/**
 * Reads the peer of a connection.
 *
 * @param fd the connection's descriptor; undefined, where the run time does not tell it, is refused
 * @throws SbError `peer.unknown`
 */
export function readPeer(fd: number | undefined, options: PeerOptions = {}): Peer {
  const found = fd === undefined || fd < 0 ? null : readPeerCredentials(fd, options);
  if (found === null) {
    throw new SbError("peer.unknown", "Cannot serve this connection: the kernel does not tell whose it is", {
      hint: "Connect from a process that stays, in a name space of process ids that the server can see",
    });
  }
  const { pid, uid, gid, groups, process, isNested } = found;
  return {
    pid,
    uid,
    gid,
    groups,
    comm: readName(process),
    isRoot: uid === 0,
    foreignPids: isNested,
    process,
    [Symbol.dispose]: () => process[Symbol.dispose](),
  };
}
