/** Processes as /proc shows them: status, stat, threads, maps. Layouts: proc(5). */
import { SbError } from "../core/mod.ts";

/** What /proc/PID/stat tells; times in clock ticks since boot. */
export interface ProcessStat {
  pid: number;
  /** The name of the executable, at most 15 bytes. */
  comm: string;
  /** R, S, D, T, Z … */
  state: string;
  parentPid: number;
  /** PF_* bits: include/linux/sched.h. */
  flags: number;
  startTicks: number;
  /** Processor time that all its threads have used, in clock ticks: hundredths of a second. */
  processorTicks: number;
}

/** A line of /proc/PID/maps. */
export interface Mapping {
  start: bigint;
  end: bigint;
  executable: boolean;
  fileOffset: number;
  device: number;
  inode: bigint;
  path: string;
}

/** The fields of /proc/PID/status by name, as text. @throws SbError `process.not_found` */
export function readProcessStatus(pid: number | "self"): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of readProcessFile(pid, "status").split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

/** /proc/PID/stat. @throws SbError `process.not_found` */
export function readProcessStat(pid: number): ProcessStat {
  return parseProcessStat(readProcessFile(pid, "stat"));
}

/** Reads the text of /proc/PID/stat; a comm may hold spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const rest = text.slice(close + 2).split(" ");
  return {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: rest[0],
    parentPid: Number(rest[1]),
    flags: Number(rest[6]),
    startTicks: Number(rest[19]),
    processorTicks: Number(rest[11]) + Number(rest[12]),
  };
}

/** PF_EXITING */
const EXITING = 4;

/**
 * Whether a process has a thread that has not begun to end: one that has is about to pass, or has passed, the tracepoint
 * sched_process_exit (do_exit() sets PF_EXITING first), long before it is a zombie.
 */
export function hasLiveThread(pid: number): boolean {
  try {
    const isLive = ({ state, flags }: ProcessStat) => state !== "Z" && state !== "X" && !(flags & EXITING);
    if (isLive(readProcessStat(pid))) return true;
    return listThreads(pid).some((thread) => isLive(readProcessStat(thread)));
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** The name of a process. @throws SbError `process.not_found` */
export function readProcessName(pid: number): string {
  return readProcessFile(pid, "comm").replace(/\n$/, "");
}

/** A process, and its name when it is still there. */
export interface NamedProcess {
  pid: number;
  comm: string | null;
}

/** A process and its name; without one when it has ended. */
export function namedProcess(pid: number): NamedProcess {
  try {
    return { pid, comm: readProcessName(pid) };
  } catch (error) {
    if (isGone(error)) return { pid, comm: null };
    throw error;
  }
}

/** The environment that a process was started with; empty when it may not be read. @throws SbError `process.not_found` */
export function readProcessEnvironment(pid: number): Record<string, string> {
  const environment: Record<string, string> = {};
  let text: string;
  try {
    text = readProcessFile(pid, "environ");
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return environment;
    throw error;
  }
  for (const entry of text.split("\0")) {
    const equals = entry.indexOf("=");
    if (equals > 0) environment[entry.slice(0, equals)] ??= entry.slice(equals + 1);
  }
  return environment;
}

/** The mappings of a process; empty for a kernel thread or a zombie. @throws SbError `process.not_found` */
export function readProcessMappings(pid: number): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of readProcessFile(pid, "maps").split("\n")) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+) *(.*)$/.exec(
      line,
    );
    if (!match) continue;
    mappings.push({
      start: BigInt(`0x${match[1]}`),
      end: BigInt(`0x${match[2]}`),
      executable: match[3][2] === "x",
      fileOffset: parseInt(match[4], 16),
      device: deviceNumber(parseInt(match[5], 16), parseInt(match[6], 16)),
      inode: BigInt(match[7]),
      path: match[8],
    });
  }
  return mappings;
}

/** A device number as stat(2) has it (makedev of glibc). */
export function deviceNumber(major: number, minor: number): number {
  return (major & 0xfff) * 0x100 + (minor & 0xff) + (minor >>> 8 << 20);
}

/** The ids of all processes (thread group leaders), ascending. */
export function listProcesses(): number[] {
  const pids: number[] = [];
  for (const entry of Deno.readDirSync("/proc")) {
    if (/^\d+$/.test(entry.name)) pids.push(Number(entry.name));
  }
  return pids.sort((a, b) => a - b);
}

/** The ids of a process's threads, ascending; a leader that ended is among them. @throws SbError `process.not_found` */
export function listThreads(pid: number): number[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => Number(name)).sort((a, b) => a - b);
  } catch (error) {
    throw gone(pid, error);
  }
}

/** The ids of processes of that name, ascending. @param name as /proc/PID/comm has it, at most 15 bytes */
export function processesNamed(name: string): number[] {
  return listProcesses().filter((pid) => {
    try {
      return readProcessName(pid) === name;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  });
}

/**
 * Makes sure that a process exists and that its id names the process, not a thread of it.
 *
 * @throws SbError `process.not_found`, `process.not_leader`
 */
export function requireProcess(pid: number): void {
  const leader = Number(readProcessStatus(pid).get("Tgid"));
  if (leader === pid) return;
  throw new SbError(
    "process.not_leader",
    `Cannot use process ${pid}: it is a thread of process ${leader} (${readProcessName(leader)})`,
    { hint: `Use --pid ${leader}`, data: { pid, leader } },
  );
}

/**
 * The processes that map a file, ascending; those that cannot be looked into are left out.
 *
 * @param device of stat(2)
 */
export function processesMapping(device: number, inode: bigint): number[] {
  const [major, minor] = [device >>> 8 & 0xfff, (device & 0xff) | (Math.floor(device / 2 ** 20) << 8)];
  const hex = (part: number) => part.toString(16).padStart(2, "0");
  const wanted = ` ${hex(major)}:${hex(minor)} ${inode} `;
  return listProcesses().filter((pid) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/maps`).includes(wanted);
    } catch {
      return false;
    }
  });
}

/** Whether an error says that a process ended. */
export function isGone(error: unknown): boolean {
  return error instanceof SbError && error.code === "process.not_found";
}

function readProcessFile(pid: number | "self", name: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${name}`);
  } catch (error) {
    // A process that ends while it is read answers ESRCH.
    if (error instanceof Deno.errors.PermissionDenied) throw error;
    throw gone(pid, error);
  }
}

function gone(pid: number | "self", cause: unknown): SbError {
  return new SbError("process.not_found", `Cannot find process ${pid}: there is no such process`, {
    hint: "List the processes: ps -e",
    data: { pid },
    cause,
  });
}
