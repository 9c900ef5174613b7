/** What an open descriptor is good for, and what stands behind it, without asking the file system, which may not answer. */
import { cString, openFd, OpenFlags, OwnedFd, systemCall } from "../../ffi/mod.ts";

const F_GETFL = 3; // fcntl(2)
const O_ACCMODE = 3;

/** What a descriptor was opened for; "path" says nothing of the right to read (O_PATH of open(2)). */
export function openMode(fd: OwnedFd): "read" | "path" | "other" {
  const flags = systemCall("fcntl", fd.fd, F_GETFL, 0);
  if (flags < 0) return "other";
  if (flags & OpenFlags.path) return "path";
  return (flags & O_ACCMODE) === OpenFlags.rdonly ? "read" : "other";
}

/** statx(2): AT_EMPTY_PATH | AT_STATX_DONT_SYNC; STATX_TYPE | STATX_INO */
const FLAGS = 0x1000 | 0x4000, WANTED = 0x1 | 0x100;
const STATX_BYTES = 256, MODE_AT = 28, INODE_AT = 32, MAJOR_AT = 136, MINOR_AT = 140;
const S_IFMT = 0o170000, S_IFREG = 0o100000;

/** What file a descriptor leads to. */
export interface FileIdentity {
  /** As stat(2) has it. */
  device: number;
  inode: bigint;
  isRegular: boolean;
}

/** Which file it is, from what the kernel remembers of it. @returns null when that cannot be told */
export function readFileIdentity(fd: OwnedFd): FileIdentity | null {
  const bytes = new Uint8Array(STATX_BYTES);
  if (systemCall("statx", fd.fd, cString(""), FLAGS, WANTED, bytes) < 0) return null;
  const view = new DataView(bytes.buffer);
  const [major, minor] = [view.getUint32(MAJOR_AT, true), view.getUint32(MINOR_AT, true)];
  return {
    device: (major & 0xfff) * 0x100 + (minor & 0xff) + (minor >>> 8) * 2 ** 20,
    inode: view.getBigUint64(INODE_AT, true),
    isRegular: (view.getUint16(MODE_AT, true) & S_IFMT) === S_IFREG,
  };
}

/** linux/nsfs.h: _IO(0xb7, 1) */
const NS_GET_USERNS = 0xb701;

/** Whether the mounts that a process sees are made by users of name spaces of their own, too. */
function hasMountsOfUsers(pid: number): boolean {
  using mounts = openFd(`/proc/${pid}/ns/mnt`);
  const owner = systemCall("ioctl", mounts.fd, NS_GET_USERNS, 0);
  if (owner < 0) return true;
  using space = new OwnedFd(owner, "user name space");
  return Deno.readLinkSync(space.path) !== Deno.readLinkSync("/proc/self/ns/user");
}

/** The type of the file system of a mount that a process sees; undefined when it sees no such mount. proc_pid_mountinfo(5) */
function mountType(pid: number | "self", mount: string): string | undefined {
  const line = Deno.readTextFileSync(`/proc/${pid}/mountinfo`).split("\n").find((each) =>
    each.startsWith(`${mount} `)
  );
  return line === undefined ? undefined : / - (\S+)/.exec(line)?.[1];
}

/**
 * Whether only the system, and no ordinary user, can hold up whoever reads a file: it is not on FUSE, nor on an overlay that
 * a user mounted, which may lie over FUSE (both can be mounted in a user's own name spaces).
 *
 * @param pid a process that sees the file's mount, where this one does not
 */
export function isSteadyFile(fd: OwnedFd, pid: number): boolean {
  try {
    const mount = /^mnt_id:\s*(\d+)$/m.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${fd.fd}`))?.[1];
    if (mount === undefined) return false;
    const own = mountType("self", mount);
    const type = own ?? mountType(pid, mount);
    if (type === undefined || type.startsWith("fuse")) return false;
    return own !== undefined || type !== "overlay" || !hasMountsOfUsers(pid);
  } catch {
    return false;
  }
}
