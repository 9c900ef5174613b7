/** Descriptors opened through the FFI: owned, closed once, and counted for leak checks. */
import { blockingSystemCall, checkedSystemCall, cString, systemCall } from "./syscall.ts";

const open = new Map<number, string>();

/** What is open now: descriptor → label. Tests assert that it is empty. */
export function openDescriptors(): ReadonlyMap<number, string> {
  return open;
}

/** A descriptor with one owner. Disposing closes it; a second time does nothing. */
export class OwnedFd implements Disposable {
  #fd: number;

  /** Takes over `fd`. @param label what it is, for leak reports */
  constructor(fd: number, label: string) {
    this.#fd = fd;
    open.set(fd, label);
  }

  /** The descriptor's number. @throws Error when it is closed: a fault in sb */
  get fd(): number {
    if (this.#fd < 0) throw new Error("the descriptor is closed");
    return this.#fd;
  }

  /** A path to the open file, for calls that want one. */
  get path(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  /** Gives the ownership away. @returns the descriptor's number */
  release(): number {
    const fd = this.fd;
    open.delete(fd);
    this.#fd = -1;
    return fd;
  }

  /** Closes on a thread of the pool: closing a uprobe waits for an RCU grace period, up to some 50 ms. */
  async closeInBackground(): Promise<void> {
    if (this.#fd < 0) return;
    await blockingSystemCall("close", this.release());
  }

  [Symbol.dispose](): void {
    if (this.#fd >= 0) systemCall("close", this.release());
  }
}

/** openat(2) flags, asm-generic/fcntl.h; those named here are equal on x86-64 and arm64. */
export const OpenFlags = { rdonly: 0, wronly: 1, rdwr: 2, cloexec: 0o2000000, path: 0o10000000 } as const;

/** Opens a file with O_CLOEXEC. @throws SbError `kernel.refused` */
export function openFd(path: string, flags: number = OpenFlags.rdonly): OwnedFd {
  const fd = checkedSystemCall(`open "${path}"`, "openat", -100, cString(path), flags | OpenFlags.cloexec, 0);
  return new OwnedFd(fd, path);
}
