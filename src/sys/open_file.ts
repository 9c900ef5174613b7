/** What an open descriptor is good for, and what stands behind it. */
import { OpenFlags, type OwnedFd, systemCall } from "../../ffi/mod.ts";

const F_GETFL = 3; // fcntl(2)
const O_ACCMODE = 3;

/** What a descriptor was opened for; "path" says nothing of the right to read (O_PATH of open(2)). */
export function openMode(fd: OwnedFd): "read" | "path" | "other" {
  const flags = systemCall("fcntl", fd.fd, F_GETFL, 0);
  if (flags < 0) return "other";
  if (flags & OpenFlags.path) return "path";
  return (flags & O_ACCMODE) === OpenFlags.rdonly ? "read" : "other";
}

/** f_type of fstatfs(2): linux/magic.h */
const FUSE = 0x65735546n, OVERLAY = 0x794c7630n;

/**
 * Whether reading a file can be held up by the system only, not by an ordinary user: it is not on FUSE, nor on an overlay
 * that this process does not see mounted, which may lie over FUSE (users mount both in name spaces of their own).
 */
export function isSteadyFile(fd: OwnedFd): boolean {
  const status = new Uint8Array(128);
  if (systemCall("fstatfs", fd.fd, status) < 0) return false;
  const type = new DataView(status.buffer).getBigUint64(0, true);
  if (type === FUSE) return false;
  if (type !== OVERLAY) return true;
  const { dev } = Deno.statSync(fd.path);
  const [major, minor] = [dev >>> 8 & 0xfff, (dev & 0xff) | (Math.floor(dev / 2 ** 20) << 8)];
  return Deno.readTextFileSync("/proc/self/mountinfo").split("\n").some((line) =>
    line.split(" ", 3)[2] === `${major}:${minor}`
  );
}
