/** What a process that reads untrusted files gives up for good: its ids, most of its limits, nearly all system calls. */
import {
  addressOf,
  becomeUser,
  checkedSystemCall,
  Errno,
  openFd,
  OpenFlags,
  systemCall,
  systemError,
  type UserIds,
} from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { CONFINED_CALLS, OPENAT } from "./confined_calls.ts";
import { isInheritedDescriptor } from "./descriptor.ts";
import { readProcessStatus } from "./procfs.ts";

/** linux/prctl.h, linux/seccomp.h, asm-generic/resource.h */
const PR_SET_DUMPABLE = 4, PR_SET_NO_NEW_PRIVS = 38;
const SET_MODE_FILTER = 1, FILTER_FLAG_TSYNC = 1;
const RLIMIT = {
  cpuSeconds: 0,
  fileBytes: 1,
  dataBytes: 2,
  coreBytes: 4,
  processes: 6,
  descriptors: 7,
} as const;

/** Limits of setrlimit(2), soft and hard alike. */
export type Limits = Partial<Record<keyof typeof RLIMIT, number>>;

/** Sets limits of this process. @throws SbError `kernel.refused` */
export function limitProcess(limits: Limits): void {
  for (const [name, value] of Object.entries(limits) as [keyof Limits, number][]) {
    const both = BigUint64Array.of(BigInt(value), BigInt(value));
    checkedSystemCall(
      `limit ${name}`,
      "prlimit64",
      0,
      RLIMIT[name],
      new Uint8Array(both.buffer),
      null,
    );
  }
}

/** Closes descriptors that this process was started with, but the standard ones: its own are closed at an exec. */
export function closeInherited(): void {
  for (const { name } of [...Deno.readDirSync("/proc/self/fd")]) {
    if (Number(name) > 2 && isInheritedDescriptor(Number(name))) systemCall("close", Number(name));
  }
}

/**
 * Lets go of files that could be written to: what this process has open for that leads to nothing from now on, and what it has
 * mapped is memory of its own. The run time keeps its caches so, and other processes of its user run what is in them.
 */
export function closeWritableFiles(): void {
  using nothing = openFd("/dev/null");
  for (const { name } of [...Deno.readDirSync("/proc/self/fd")]) {
    const fd = Number(name);
    if (fd <= 2 || fd === nothing.fd || !isWritableFile(fd)) continue;
    checkedSystemCall("let go of a file", "dup3", nothing.fd, fd, OpenFlags.cloexec);
  }
  for (const line of Deno.readTextFileSync("/proc/self/maps").split("\n")) {
    const shared = /^([0-9a-f]+)-([0-9a-f]+) .w.s .* \//.exec(line);
    if (!shared) continue;
    const [start, end] = [BigInt(`0x${shared[1]}`), BigInt(`0x${shared[2]}`)];
    checkedSystemCall(
      "let go of a file",
      "mmap",
      start,
      end - start,
      PROT_READ_WRITE,
      MAP_PRIVATE_ANONYMOUS_FIXED,
      -1,
      0,
    );
  }
}
/** asm-generic/mman.h */
const PROT_READ_WRITE = 3, MAP_PRIVATE_ANONYMOUS_FIXED = 0x32;

function isWritableFile(fd: number): boolean {
  try {
    const flags = systemCall("fcntl", fd, F_GETFL, 0);
    return flags >= 0 && (flags & O_ACCMODE) !== OpenFlags.rdonly &&
      Deno.statSync(`/proc/self/fd/${fd}`).isFile;
  } catch {
    return false;
  }
}
const F_GETFL = 3, O_ACCMODE = 3;

/** Processor time that this process has used, in nanoseconds. */
export function spentProcessorNs(): bigint {
  systemCall("clock_gettime", CLOCK_PROCESS_CPUTIME_ID, new Uint8Array(spent.buffer));
  return spent[0] * 1_000_000_000n + spent[1];
}
const CLOCK_PROCESS_CPUTIME_ID = 2;
const spent = new BigInt64Array(2);

/** The ids that this process has: effective ones, and its supplementary groups. */
export function ownIds(): UserIds {
  const status = readProcessStatus("self");
  const numbers = (name: string) =>
    (status.get(name) ?? "").split(/\s+/).filter((word) => word !== "").map(Number);
  return { uid: numbers("Uid")[1], gid: numbers("Gid")[1], groups: numbers("Groups") };
}

/** Whether two lists name the same groups. */
function sameGroups(left: readonly number[], right: readonly number[]): boolean {
  const groups = new Set(left);
  return groups.size === new Set(right).size && right.every((group) => groups.has(group));
}

/**
 * Becomes a user for good, in every thread and with no capability, and hidden from other processes of that user. One that is
 * that user already stays as it is: who may look into it may look into its parent as well.
 *
 * @throws SbError `kernel.refused`
 */
export function becomeForGood(user: UserIds): void {
  const own = ownIds();
  if (own.uid === user.uid && own.gid === user.gid && sameGroups(own.groups, user.groups)) return;
  becomeUser(user);
  // The change of ids does this too, unless fs.suid_dumpable says otherwise.
  checkedSystemCall("hide this process", "prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);
  const status = readProcessStatus("self");
  const seen = (status.get("Uid") ?? "").split(/\s+/).map(Number);
  const isPrivileged = ["CapPrm", "CapEff", "CapInh", "CapAmb"].some((set) =>
    BigInt(`0x${status.get(set) ?? "1"}`) !== 0n
  );
  // Whoever was quick enough to trace it in between would speak for it.
  const isTraced = status.get("TracerPid") !== "0";
  if (seen.some((uid) => uid !== user.uid) || isPrivileged || isTraced) {
    throw new SbError("internal", `Cannot become the user ${user.uid}: some of what was before is left`, {
      data: { status: Object.fromEntries(status) },
    });
  }
}

/** struct seccomp_data: nr, arch, then the instruction pointer and six arguments of 64 bits; lower halves first. */
const NUMBER_AT = 0, MACHINE_AT = 4, THIRD_ARGUMENT_AT = 16 + 2 * 8;
/** linux/bpf_common.h: BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_JMP|BPF_JSET|BPF_K, BPF_RET|BPF_K */
const LOAD = 0x20, EQUAL = 0x15, ANY_BIT = 0x45, RETURN = 0x06;
const ALLOW = 0x7fff_0000, REFUSE = 0x0005_0000 + Errno.EPERM, KILL = 0x8000_0000;
/** linux/audit.h */
const MACHINE = { x86_64: 0xc000_003e, aarch64: 0xc000_00b7 } as const;
/** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC */
const WRITING = 0o1 | 0o2 | 0o100 | 0o1000;

/** The filter as classic BPF: [code, jump if true, jump if false, constant], an instruction each. */
export function confiningFilter(
  machine: "x86_64" | "aarch64",
): (readonly [number, number, number, number])[] {
  const column = machine === "x86_64" ? 0 : 1;
  const numbers = Object.values(CONFINED_CALLS).map((pair) => pair[column]).filter((number) => number >= 0);
  const rows = numbers.length;
  return [
    [LOAD, 0, 0, MACHINE_AT],
    [EQUAL, 1, 0, MACHINE[machine]],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER_AT],
    ...numbers.map((number, index) => [EQUAL, rows - index + 2, 0, number] as const),
    [EQUAL, 0, 3, OPENAT[column]],
    [LOAD, 0, 0, THIRD_ARGUMENT_AT],
    [ANY_BIT, 1, 0, WRITING],
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, REFUSE],
  ];
}

/**
 * From now on every thread of this process gets EPERM from all but some system calls: those that read. What is open for
 * writing stays so.
 *
 * @throws SbError `kernel.refused` where the kernel has no seccomp(2)
 */
export function confineCalls(): void {
  const filter = confiningFilter(Deno.build.arch as "x86_64" | "aarch64");
  const program = new Uint8Array(filter.length * 8);
  const view = new DataView(program.buffer);
  for (const [index, [code, ifTrue, ifFalse, constant]] of filter.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, ifTrue);
    view.setUint8(index * 8 + 3, ifFalse);
    view.setUint32(index * 8 + 4, constant >>> 0, true);
  }
  // struct sock_fprog: the length in a word of its own, the address.
  const header = new Uint8Array(BigUint64Array.of(BigInt(filter.length), addressOf(program)).buffer);
  checkedSystemCall("confine this process", "prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // Other threads get no_new_privs with the filter (seccomp_sync_threads() in kernel/seccomp.c).
  const result = systemCall("seccomp", SET_MODE_FILTER, FILTER_FLAG_TSYNC, header);
  void program.length;
  if (result < 0) throw systemError("seccomp", -result, "confine this process");
  if (result > 0) {
    throw new SbError("internal", `Cannot confine this process: thread ${result} has a filter of its own`);
  }
}
