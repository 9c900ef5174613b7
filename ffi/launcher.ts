/**
 * System calls made in a process of their own: the launcher, a tiny program held in memory. A command started
 * by it carries nothing of sb (signal handlers, memory high-water mark), and sb's own threads never move.
 */
import { Errno, systemError } from "./errno.ts";
import { openFd, OwnedFd } from "./fd.ts";
import { type ChildCall, launcherImage, NOT_MADE } from "./launcher_image.ts";
import { libc } from "./raw/libc.ts";
import { addressOf, checkedSystemCall, cString, systemCall } from "./syscall.ts";

export type { ChildArgument, ChildCall } from "./launcher_image.ts";

/** How the launcher runs. */
export interface LauncherOptions {
  /** Descriptors of sb that the calls use, under their numbers. A command does not inherit them. */
  descriptors?: readonly number[];
  /** Bytes that calls write to, named among their arguments: filled when the launcher has ended. */
  reported?: Uint8Array<ArrayBuffer>;
  /** Called with the launcher's process id once all calls were made without failure; it waits meanwhile. */
  whilePaused?: (pid: number) => void;
}

const MFD_CLOEXEC = 1;
/** linux/memfd.h; kernels before 6.3 refuse it, and need it not. */
const MFD_EXEC = 0x10;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
/** spawn.h of glibc: POSIX_SPAWN_SETSIGMASK; room for posix_spawnattr_t (336) and the file actions (80). */
const SPAWN_SETSIGMASK = 8;
const SPAWN_STRUCT_BYTES = 512;

/** The program as a descriptor that can be executed: a second, read-only one, since a writable file is busy. */
function programFd(image: Uint8Array<ArrayBuffer>): OwnedFd {
  const name = cString("sb");
  let created = systemCall("memfd_create", name, MFD_CLOEXEC | MFD_EXEC);
  if (created === -Errno.EINVAL) created = systemCall("memfd_create", name, MFD_CLOEXEC);
  if (created < 0) throw systemError("memfd_create", -created, "make the launcher");
  using writable = new OwnedFd(created, "launcher");
  for (let written = 0; written < image.length;) {
    const rest = image.subarray(written);
    written += checkedSystemCall("write the launcher", "write", writable.fd, rest, rest.length);
  }
  return openFd(writable.path);
}

function spawn(program: OwnedFd, inherited: Iterable<number>): number {
  const actions = new Uint8Array(SPAWN_STRUCT_BYTES);
  const attributes = new Uint8Array(SPAWN_STRUCT_BYTES);
  const argv0 = cString("sb");
  const argv = BigUint64Array.of(addressOf(argv0), 0n);
  const environment = BigUint64Array.of(0n);
  const pid = new Int32Array(1);
  const { symbols } = libc;
  symbols.posix_spawn_file_actions_init(actions);
  symbols.posix_spawnattr_init(attributes);
  try {
    // A descriptor duplicated to itself loses close-on-exec (POSIX.1-2024, posix_spawn_file_actions_adddup2).
    for (const fd of inherited) symbols.posix_spawn_file_actions_adddup2(actions, fd, fd);
    symbols.posix_spawnattr_setflags(attributes, SPAWN_SETSIGMASK);
    symbols.posix_spawnattr_setsigmask(attributes, new Uint8Array(128).fill(0xff));
    const errno = symbols.posix_spawn(
      new Uint8Array(pid.buffer),
      cString(program.path),
      actions,
      attributes,
      new Uint8Array(argv.buffer),
      new Uint8Array(environment.buffer),
    );
    if (errno !== 0) throw systemError("posix_spawn", errno, "start the launcher");
    return pid[0];
  } finally {
    symbols.posix_spawn_file_actions_destroy(actions);
    symbols.posix_spawnattr_destroy(attributes);
  }
}

/** The last whole record of the report: the parent of a fork writes after its child. */
function readReport(report: OwnedFd, options: { sizeBytes: number; untilEnd: boolean }): BigInt64Array {
  const chunk = new Uint8Array(65536);
  let bytes = new Uint8Array(0);
  while (options.untilEnd || bytes.length < options.sizeBytes) {
    const count = systemCall("read", report.fd, chunk, chunk.length);
    if (count === -Errno.EINTR) continue;
    if (count <= 0) break;
    const longer = new Uint8Array(bytes.length + count);
    longer.set(bytes);
    longer.set(chunk.subarray(0, count), bytes.length);
    bytes = longer;
  }
  const records = Math.floor(bytes.length / options.sizeBytes);
  const result = new BigInt64Array(options.sizeBytes / 8).fill(NOT_MADE);
  if (records > 0) {
    const at = (records - 1) * options.sizeBytes;
    new Uint8Array(result.buffer).set(bytes.subarray(at, at + options.sizeBytes));
  }
  return result;
}

function reap(pid: number): void {
  while (systemCall("wait4", pid, null, 0, null) === -Errno.EINTR) { /* again */ }
}

/** The first call that failed with an error that matters, or null. @param results what {@linkcode runLauncher} returned */
export function failedCall(
  calls: readonly ChildCall[],
  results: readonly (number | null)[],
): { index: number; call: ChildCall; errno: number } | null {
  for (const [index, call] of calls.entries()) {
    const result = results[index];
    if (result === null || result >= 0 || call.ignore === "all") continue;
    if (!(call.ignore ?? []).includes(-result)) return { index, call, errno: -result };
  }
  return null;
}

/**
 * Makes system calls, in order, in a process of their own that has all signals blocked, and waits until it has
 * ended. Where a call forks, its child makes the rest and is a child of sb's own (CLONE_PARENT).
 *
 * @returns one result a call: what it returned, −errno, or null when it was not made or did not return
 * @throws SbError `kernel.refused` when the launcher itself cannot be started
 */
export function runLauncher(calls: readonly ChildCall[], options: LauncherOptions = {}): (number | null)[] {
  const pipe = new Int32Array(4);
  const openPipe = (at: number) => {
    checkedSystemCall("make a pipe", "pipe2", new Uint8Array(pipe.buffer, at * 4, 8), 0o2000000);
    return [new OwnedFd(pipe[at], "launcher pipe"), new OwnedFd(pipe[at + 1], "launcher pipe")] as const;
  };
  using owned = new DisposableStack();
  const [reportEnd, report] = openPipe(0);
  owned.use(reportEnd);
  owned.use(report);
  const [pause, pauseEnd] = openPipe(2);
  owned.use(pause);
  owned.use(pauseEnd);
  const paused = options.whilePaused !== undefined;
  const inherited = new Set([...options.descriptors ?? [], report.fd, ...(paused ? [pause.fd] : [])]);

  // The command must not inherit what the launcher does: close-on-exec again, on the far side of the fork.
  const fork = calls.findIndex((call) => call.forks);
  const closeOnExec: ChildCall[] = fork < 0 ? [] : [...inherited].map((fd) => ({
    call: "fcntl",
    args: [fd, F_SETFD, FD_CLOEXEC],
    // What is not open is found out by the call that uses it.
    ignore: "all",
  }));
  const all = [...calls.slice(0, fork + 1), ...closeOnExec, ...calls.slice(fork + 1)];
  const { image, reportBytes } = launcherImage(all, {
    reportFd: report.fd,
    ...(paused ? { pauseFd: pause.fd } : {}),
    ...(options.reported ? { reported: options.reported } : {}),
  });

  let pid: number;
  {
    using program = programFd(image);
    pid = spawn(program, inherited);
  }
  report[Symbol.dispose]();
  pause[Symbol.dispose]();
  try {
    const words = readReport(reportEnd, { sizeBytes: reportBytes, untilEnd: !paused });
    const results = [...words.subarray(0, all.length)].map((word) => word === NOT_MADE ? null : Number(word));
    const behind = new Uint8Array(words.buffer).subarray((all.length + (paused ? 2 : 0)) * 8);
    options.reported?.set(behind.subarray(0, options.reported.length));
    results.splice(fork + 1, closeOnExec.length);
    if (!results.includes(null) && failedCall(calls, results) === null) options.whilePaused?.(pid);
    return results;
  } finally {
    pauseEnd[Symbol.dispose]();
    reap(pid);
  }
}
