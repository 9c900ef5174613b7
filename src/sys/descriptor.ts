/** Descriptors that sb was started with: whether one is there, and writing to it. */
import { Errno, systemCall, systemError } from "../../ffi/mod.ts";

const F_GETFD = 1; // fcntl(2)
const FD_CLOEXEC = 1;

/** Whether sb was started with this descriptor open: those that Deno opens for itself are close-on-exec. */
export function isInheritedDescriptor(fd: number): boolean {
  const flags = systemCall("fcntl", fd, F_GETFD, 0);
  return flags >= 0 && (flags & FD_CLOEXEC) === 0;
}

/**
 * Writes to a descriptor.
 *
 * @returns how many bytes were taken
 * @throws Deno.errors.BrokenPipe when nobody reads, Deno.errors.WouldBlock when it is full, SbError `kernel.refused`
 */
export function writeDescriptor(fd: number, bytes: Uint8Array<ArrayBuffer>): number {
  const written = systemCall("write", fd, bytes, bytes.length);
  if (written >= 0) return written;
  if (written === -EPIPE) throw new Deno.errors.BrokenPipe();
  if (written === -Errno.EAGAIN) throw new Deno.errors.WouldBlock();
  throw systemError("write", -written, `write to descriptor ${fd}`);
}

const EPIPE = 32; // asm-generic/errno-base.h
