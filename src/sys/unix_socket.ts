/** Unix sockets as they have to be made for a server: with their mode from the first moment on. unix(7), socket(7). */
import { checkedSystemCall, cString, Errno, OwnedFd, systemCall, systemError } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_NONBLOCK = 0o4000, SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_TYPE = 3, SO_ACCEPTCONN = 30, SO_DOMAIN = 39;
const AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100;
/** sun_path of sockaddr_un. */
const PATH_BYTES = 108;
/** The kernel takes net.core.somaxconn where that is less. */
const BACKLOG = 4096;

/** The address of a path; one that begins with `@` is in the abstract name space. @throws SbError `usage.option` */
function socketAddress(path: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(path);
  if (name.length === 0 || name.length >= PATH_BYTES || name.includes(0)) {
    throw new SbError("usage.option", `Cannot use the socket "${path}": its path has ${name.length} bytes`, {
      hint: `Choose a path of 1 to ${PATH_BYTES - 1} bytes`,
    });
  }
  const isAbstract = path.startsWith("@");
  const address = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
  address[0] = AF_UNIX;
  address.set(name, 2);
  if (isAbstract) address[2] = 0;
  return address;
}

/** What a listening socket is made with. */
export interface ListenOptions {
  /** Permission bits of its file. */
  mode: number;
  /** The group of its file; the process's own by default. */
  gid?: number;
}

/**
 * A listening stream socket at `path`, where nothing may be. Nobody can connect before its file has its mode and group.
 *
 * @throws SbError `kernel.refused`, `usage.option` for a path that no socket can have
 */
export function listenUnix(path: string, { mode, gid }: ListenOptions): OwnedFd {
  using undo = new DisposableStack();
  const flags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const what = `listen at "${path}"`;
  const socket = undo.use(new OwnedFd(checkedSystemCall(what, "socket", AF_UNIX, flags, 0), path));
  const address = socketAddress(path);
  // The file gets 0777 without the mask's bits; there is no call that takes its mode.
  const mask = systemCall("umask", 0o777 & ~mode);
  let bound;
  try {
    bound = systemCall("bind", socket.fd, address, address.length);
  } finally {
    systemCall("umask", mask);
  }
  if (bound < 0) throw systemError("bind", -bound, what);
  if (gid !== undefined) {
    checkedSystemCall(what, "fchownat", AT_FDCWD, cString(path), -1, gid, AT_SYMLINK_NOFOLLOW);
  }
  checkedSystemCall(what, "listen", socket.fd, BACKLOG);
  undo.move();
  return socket;
}

function socketOption(fd: number, option: number): number | undefined {
  const value = new Int32Array(1);
  const length = Int32Array.of(4);
  const result = systemCall(
    "getsockopt",
    fd,
    SOL_SOCKET,
    option,
    new Uint8Array(value.buffer),
    new Uint8Array(length.buffer),
  );
  return result < 0 ? undefined : value[0];
}

/** Whether a descriptor is a Unix stream socket that listens. */
export function isListeningUnix(fd: number): boolean {
  return socketOption(fd, SO_DOMAIN) === AF_UNIX && socketOption(fd, SO_TYPE) === SOCK_STREAM &&
    socketOption(fd, SO_ACCEPTCONN) === 1;
}

const F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, FD_CLOEXEC = 1;

/** Takes over a descriptor that this process was started with: closed at an exec, and never blocking. */
export function adoptDescriptor(fd: number, label: string): OwnedFd {
  checkedSystemCall(`take over ${label}`, "fcntl", fd, F_SETFD, FD_CLOEXEC);
  const flags = checkedSystemCall(`take over ${label}`, "fcntl", fd, F_GETFL, 0);
  checkedSystemCall(`take over ${label}`, "fcntl", fd, F_SETFL, flags | SOCK_NONBLOCK);
  return new OwnedFd(fd, label);
}

/** Sends one datagram to a Unix socket; `@…` is in the abstract name space. @throws SbError `kernel.refused` */
export function sendDatagram(path: string, text: string): void {
  const what = `send to "${path}"`;
  using socket = new OwnedFd(
    checkedSystemCall(what, "socket", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0),
    "datagrams",
  );
  const bytes = new TextEncoder().encode(text);
  const address = socketAddress(path);
  checkedSystemCall(what, "sendto", socket.fd, bytes, bytes.length, 0, address, address.length);
}

const POLLERR = 0x8, POLLHUP = 0x10;

/** Whether the other end of a stream socket is closed, even where there is data to be read before its end. */
export function isHungUp(fd: number): boolean {
  const [entry, words] = [pollEntry, pollWords];
  words[0] = fd;
  words[1] = 0;
  const ready = systemCall("ppoll", entry, 1, noWait, null, 0);
  return ready > 0 && (words[1] >>> 16 & (POLLERR | POLLHUP)) !== 0;
}
/** struct pollfd: the descriptor; events in the lower half of the second word, what is ready in the upper. */
const pollWords = new Int32Array(2);
const pollEntry = new Uint8Array(pollWords.buffer);
const noWait = new Uint8Array(16);

const O_CREAT = 0o100, O_NOFOLLOW = Deno.build.arch === "x86_64" ? 0o400000 : 0o100000;
const O_RDWR = 2, O_CLOEXEC = 0o2000000;
const LOCK_EX = 2, LOCK_NB = 4;

/**
 * Takes the lock of a file, which is made where it is not there, without waiting.
 *
 * @returns the lock; disposing it, or the end of the process, gives it back. Undefined when another process holds it
 * @throws SbError `kernel.refused`
 */
export function tryLockFile(path: string): OwnedFd | undefined {
  const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  const fd = checkedSystemCall(`open "${path}"`, "openat", AT_FDCWD, cString(path), flags, 0o600);
  using undo = new DisposableStack();
  const lock = undo.use(new OwnedFd(fd, path));
  const result = systemCall("flock", lock.fd, LOCK_EX | LOCK_NB);
  if (result === -Errno.EAGAIN) return undefined;
  if (result < 0) throw systemError("flock", -result, `lock "${path}"`);
  undo.move();
  return lock;
}
