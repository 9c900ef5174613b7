/** A file system in memory that no path leads to, and faithful copies of files in it. */
import {
  checkedSystemCall,
  cString,
  Errno,
  openFd,
  OpenFlags,
  OwnedFd,
  systemCall,
  systemError,
} from "../../ffi/mod.ts";

/** linux/mount.h */
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;
const MOUNT_ATTR_NODEV = 4;
const O_CREAT = 0o100;
const MODE_MASK = 0o7777;
/** Metadata and rounding of each file. */
const SLACK_BYTES = 65536;
const XATTR_LIST_BYTES = 65536;

/** Mounts a tmpfs that is attached nowhere. @param sizeBytes of the files @throws SbError `kernel.refused` */
export function openDetachedTmpfs(sizeBytes: number, files: number): OwnedFd {
  const what = "make a file system in memory";
  const context = checkedSystemCall(what, "fsopen", cString("tmpfs"), FSOPEN_CLOEXEC);
  using owned = new OwnedFd(context, "tmpfs context");
  const settings = {
    size: String(sizeBytes + (files + 1) * SLACK_BYTES),
    mode: "0755",
    source: `sb-${Deno.pid}`,
  };
  for (const [key, value] of Object.entries(settings)) {
    checkedSystemCall(what, "fsconfig", owned.fd, FSCONFIG_SET_STRING, cString(key), cString(value), 0);
  }
  checkedSystemCall(what, "fsconfig", owned.fd, FSCONFIG_CMD_CREATE, null, null, 0);
  const mount = checkedSystemCall(what, "fsmount", owned.fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
  return new OwnedFd(mount, "tmpfs");
}

function copyContent(source: OwnedFd, target: OwnedFd): void {
  for (;;) {
    const count = systemCall("sendfile", target.fd, source.fd, null, 0x7ffff000);
    if (count === 0) return;
    if (count === -Errno.EINTR) continue;
    if (count < 0) throw systemError("sendfile", -count, "copy the file");
  }
}

/** Copies what extended attributes the target's file system takes; file capabilities must go along. */
function copyAttributes(source: OwnedFd, target: OwnedFd): void {
  const names = new Uint8Array(XATTR_LIST_BYTES);
  const listed = systemCall("flistxattr", source.fd, names, names.length);
  if (listed <= 0) return;
  for (const name of new TextDecoder().decode(names.subarray(0, listed)).split("\0")) {
    if (name === "") continue;
    const value = new Uint8Array(XATTR_LIST_BYTES);
    const size = systemCall("fgetxattr", source.fd, cString(name), value, value.length);
    if (size < 0) continue;
    const result = systemCall("fsetxattr", target.fd, cString(name), value, size, 0);
    if (result < 0 && name === "security.capability") {
      throw systemError("fsetxattr", -result, "copy the capabilities of the file");
    }
  }
}

/**
 * Copies a file with its owner, mode, times and attributes.
 *
 * @param mount the file system to copy it to
 * @param name its name there
 * @returns a descriptor of the copy (O_PATH), whose path the kernel follows
 * @throws SbError `kernel.refused`
 */
export function copyFileTo(mount: OwnedFd, options: { from: string; name: string }): OwnedFd {
  const what = `copy "${options.from}"`;
  using source = openFd(options.from);
  const { uid, gid, mode, atime, mtime } = Deno.statSync(source.path);
  {
    const flags = OpenFlags.rdwr | OpenFlags.cloexec | O_CREAT;
    const created = checkedSystemCall(what, "openat", mount.fd, cString(options.name), flags, 0o600);
    using target = new OwnedFd(created, "private copy");
    copyContent(source, target);
    checkedSystemCall(what, "fchown", target.fd, uid ?? 0, gid ?? 0);
    checkedSystemCall(what, "fchmod", target.fd, (mode ?? 0o644) & MODE_MASK);
    copyAttributes(source, target);
    const times = new BigInt64Array([atime, mtime].flatMap((time) => {
      const ms = BigInt(time?.getTime() ?? 0);
      return [ms / 1000n, ms % 1000n * 1_000_000n];
    }));
    checkedSystemCall(what, "utimensat", target.fd, null, new Uint8Array(times.buffer), 0);
  }
  // The writable descriptor is closed by now: a file open for writing cannot be executed.
  const path = checkedSystemCall(
    what,
    "openat",
    mount.fd,
    cString(options.name),
    OpenFlags.path | OpenFlags.cloexec,
  );
  return new OwnedFd(path, `private copy of ${options.from}`);
}
