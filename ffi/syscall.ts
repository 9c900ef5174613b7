/** System calls by name, with negative errno as the result. Numbers: asm/unistd_64.h, asm-generic/unistd.h. */
import { libc } from "./raw/libc.ts";
import { systemError } from "./errno.ts";

/** [x86-64, arm64] */
const NUMBERS = {
  read: [0, 63],
  write: [1, 64],
  close: [3, 57],
  mmap: [9, 222],
  munmap: [11, 215],
  pread64: [17, 67],
  pwrite64: [18, 68],
  ftruncate: [77, 46],
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  ioctl: [16, 29],
  pipe2: [293, 59],
  dup3: [292, 24],
  fcntl: [72, 25],
  flock: [73, 32],
  wait4: [61, 260],
  kill: [62, 129],
  fchdir: [81, 50],
  umask: [95, 166],
  setgroups: [116, 159],
  setresuid: [117, 147],
  setresgid: [119, 149],
  prctl: [157, 167],
  mount: [165, 40],
  umount2: [166, 39],
  gettid: [186, 178],
  clock_gettime: [228, 113],
  exit_group: [231, 94],
  waitid: [247, 95],
  openat: [257, 56],
  unshare: [272, 97],
  perf_event_open: [298, 241],
  prlimit64: [302, 261],
  setns: [308, 268],
  memfd_create: [319, 279],
  bpf: [321, 280],
  execve: [59, 221],
  execveat: [322, 281],
  statx: [332, 291],
  ppoll: [271, 73],
  ptrace: [101, 117],
  lseek: [8, 62],
  finit_module: [313, 273],
  delete_module: [176, 106],
  eventfd2: [290, 19],
  chroot: [161, 51],
  clone: [56, 220],
  fchmod: [91, 52],
  fchown: [93, 55],
  fgetxattr: [193, 10],
  flistxattr: [196, 13],
  fsconfig: [431, 431],
  fsetxattr: [190, 7],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fstatfs: [138, 44],
  move_mount: [429, 429],
  sendfile: [40, 71],
  utimensat: [280, 88],
  pidfd_send_signal: [424, 424],
  pidfd_open: [434, 434],
  pidfd_getfd: [438, 438],
  seccomp: [317, 277],
  openat2: [437, 437],
  fchownat: [260, 54],
  getrusage: [98, 165],
  getsockopt: [55, 209],
  sendto: [44, 206],
  listen: [50, 201],
  bind: [49, 200],
  socket: [41, 198],
  capset: [126, 91],
} as const;

/** A system call that sb makes. */
export type SystemCall = keyof typeof NUMBERS;

/** An argument: a number, an address, or bytes whose address is passed. */
export type SystemCallArgument = number | bigint | Uint8Array<ArrayBuffer> | null;

/** The number of a system call on this machine. */
export function systemCallNumber(name: SystemCall): number {
  return NUMBERS[name][Deno.build.arch === "x86_64" ? 0 : 1];
}

/** The address of bytes. The caller keeps them referenced for as long as the address is used. */
export function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)) as bigint;
}

/** A NUL-terminated C string. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

function toWord(argument: SystemCallArgument | undefined): bigint {
  if (argument === undefined || argument === null) return 0n;
  return BigInt.asIntN(64, argument instanceof Uint8Array ? addressOf(argument) : BigInt(argument));
}

let errnoCell: Int32Array | undefined;

/** errno of the last synchronous foreign call of this thread; non-blocking calls do not set it. */
export function lastErrno(): number {
  errnoCell ??= new Int32Array(
    Deno.UnsafePointerView.getArrayBuffer(libc.symbols.__errno_location() as Deno.PointerObject, 4),
  );
  return errnoCell[0];
}

/** Makes a system call. @returns its result, or −errno */
export function systemCall(name: SystemCall, ...args: SystemCallArgument[]): number {
  const result = libc.symbols.syscall(
    BigInt(systemCallNumber(name)),
    toWord(args[0]),
    toWord(args[1]),
    toWord(args[2]),
    toWord(args[3]),
    toWord(args[4]),
    toWord(args[5]),
  );
  return result === -1n ? -lastErrno() : Number(result);
}

/** Makes a system call. @param what what it is for, as the error says it. @throws SbError `kernel.refused` */
export function checkedSystemCall(what: string, name: SystemCall, ...args: SystemCallArgument[]): number {
  const result = systemCall(name, ...args);
  if (result < 0) throw systemError(name, -result, what);
  return result;
}

/** Makes a system call on a thread of the pool, for calls that block. @returns its result; −1 on failure, errno unknown */
export async function blockingSystemCall(name: SystemCall, ...args: SystemCallArgument[]): Promise<number> {
  const words = [0, 1, 2, 3, 4, 5].map((index) => toWord(args[index])) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const result = await libc.symbols.syscallBlocking(BigInt(systemCallNumber(name)), ...words);
  // The buffers behind the addresses must outlive the call.
  void args.length;
  return Number(result);
}

/** CLOCK_MONOTONIC now, in nanoseconds. */
export function monotonicNs(): bigint {
  systemCall("clock_gettime", 1, clockBytes);
  return clockWords[0] * 1_000_000_000n + clockWords[1];
}
const clockWords = new BigInt64Array(16);
const clockBytes = new Uint8Array(clockWords.buffer);
