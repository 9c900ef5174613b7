/** A process held by a descriptor, pidfd_open(2): its id cannot come to mean another one unnoticed. */
import { Errno, openFd, OwnedFd, systemCall, systemError } from "../../ffi/mod.ts";
import { readProcessStatus } from "./procfs.ts";

/** The ids of a process: real, effective, saved and of the file system, each. */
export interface ProcessIds {
  uids: number[];
  gids: number[];
  /** Whether its permitted capabilities are none. */
  isUnprivileged: boolean;
}

/** A process, held. Disposing closes the descriptor. */
export class ProcessHandle implements Disposable {
  readonly pid: number;
  readonly #pidfd: OwnedFd;

  /** Takes over `pidfd`. */
  constructor(pid: number, pidfd: OwnedFd) {
    this.pid = pid;
    this.#pidfd = pidfd;
  }

  /** Whether the process has not ended; one that is only waited for has. */
  get isAlive(): boolean {
    // A descriptor of a process becomes readable with its end, and stays so.
    const entry = Int32Array.of(this.#pidfd.fd, POLLIN);
    return systemCall("ppoll", new Uint8Array(entry.buffer), 1, new Uint8Array(16), null, 0) === 0;
  }

  /** Its ids now, in each name space from this process's own down to its own: −1 when it has ended, 0 when it cannot be seen. */
  readNestedPids(): number[] {
    const info = Deno.readTextFileSync(`/proc/self/fdinfo/${this.#pidfd.fd}`);
    const ids = /^NSpid:\s*(.*)$/m.exec(info)?.[1] ?? /^Pid:\s*(.*)$/m.exec(info)?.[1] ?? "-1";
    return ids.split(/\s+/).map(Number);
  }

  /** Its ids; null when it has ended. */
  readIds(): ProcessIds | null {
    const ids = readProcessIds(this.pid);
    return this.isAlive ? ids : null;
  }

  /** Sends a signal. @returns false when it has ended @throws SbError `kernel.refused` */
  kill(signal: number): boolean {
    const result = systemCall("pidfd_send_signal", this.#pidfd.fd, signal, null, 0);
    if (result === 0) return true;
    if (result === -Errno.ESRCH) return false;
    throw systemError("pidfd_send_signal", -result, `send signal ${signal} to process ${this.pid}`);
  }

  /** Takes a copy of a descriptor of the process, pidfd_getfd(2) (5.6). @throws SbError `kernel.refused` */
  takeDescriptor(fd: number, label: string): OwnedFd {
    const taken = systemCall("pidfd_getfd", this.#pidfd.fd, fd, 0);
    if (taken < 0) throw systemError("pidfd_getfd", -taken, `take ${label} over`);
    return new OwnedFd(taken, label);
  }

  [Symbol.dispose](): void {
    this.#pidfd[Symbol.dispose]();
  }
}

const POLLIN = 1;

/** Holds the process that has this id now; null when there is none, or when it is the id of a thread. */
export function openProcess(pid: number): ProcessHandle | null {
  const pidfd = systemCall("pidfd_open", pid, 0);
  return pidfd < 0 ? null : new ProcessHandle(pid, new OwnedFd(pidfd, `process ${pid}`));
}

/** The ids of the process that has this id now; null when there is none. */
export function readProcessIds(pid: number): ProcessIds | null {
  let status: Map<string, string>;
  try {
    status = readProcessStatus(pid);
  } catch {
    return null;
  }
  const numbers = (name: string) => (status.get(name) ?? "").split(/\s+/).map(Number);
  return {
    uids: numbers("Uid"),
    gids: numbers("Gid"),
    isUnprivileged: BigInt(`0x${status.get("CapPrm") ?? "1"}`) === 0n,
  };
}

/**
 * Whether the kernel lets this process read the memory map of another one: PTRACE_MODE_READ of ptrace(2), checked when the
 * file is opened. A kernel thread or a zombie has no map, which old kernels do not check: it must be read, too.
 */
export function mayRead(pid: number): boolean {
  try {
    using maps = Deno.openSync(`/proc/${pid}/maps`);
    return maps.readSync(new Uint8Array(1)) === 1;
  } catch {
    return false;
  }
}

/** linux/nsfs.h: _IO(0xb7, 2), _IO(0xb7, 4) */
const NS_GET_PARENT = 0xb702, NS_GET_OWNER_UID = 0xb704;
/** Name spaces of users nest this deep at the most (user_namespaces(7)). */
const MAX_DEPTH = 33;

/** What the link of this process's own says. */
let own: string | undefined;

/**
 * The user that made the name space of users that a process lives in, or of one around it: the one just below this
 * process's own, over all of which it has every capability (user_namespaces(7)).
 *
 * @returns null when the process lives in the same one, undefined when it cannot be told
 */
export function readUserNamespaceOwner(pid: number): number | null | undefined {
  try {
    own ??= Deno.readLinkSync("/proc/self/ns/user");
    if (Deno.readLinkSync(`/proc/${pid}/ns/user`) === own) return null;
    using closing = new DisposableStack();
    let space = closing.use(openFd(`/proc/${pid}/ns/user`));
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const parent = systemCall("ioctl", space.fd, NS_GET_PARENT, 0);
      if (parent < 0) return undefined;
      const around = closing.use(new OwnedFd(parent, "user name space"));
      if (own === `user:[${Deno.statSync(around.path).ino}]`) {
        const owner = new Uint32Array(1);
        const result = systemCall("ioctl", space.fd, NS_GET_OWNER_UID, new Uint8Array(owner.buffer));
        return result < 0 ? undefined : owner[0];
      }
      space = around;
    }
    return undefined;
  } catch {
    return undefined;
  }
}
