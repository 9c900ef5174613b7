/** Which process is meant: ids as the kernel's programs see them, and what tells a process from later ones of its id. */
import { SbError } from "../../core/mod.ts";
import { isGone, readProcessStat } from "../../sys/mod.ts";

/** A process that cannot be mistaken for a later one of the same id. */
export interface ProcessIdentity {
  pid: number;
  /** Start of the process in clock ticks since boot (proc(5)). */
  startTicks: number;
}

/** The link of the first pid namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
const FIRST_PID_NAMESPACE = "pid:[4026531836]";

/** The key of a process in the maps of trees. */
export function pidKey(pid: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array([pid]).buffer);
}

/** The process of a key. */
export function pidOf(bytes: Uint8Array<ArrayBuffer>): number {
  return new DataView(bytes.buffer).getUint32(0, true);
}

/** Whether there is a process of that id, and no zombie. */
export function isRunning(pid: number): boolean {
  try {
    return readProcessStat(pid).state !== "Z";
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Whether the ids that sb sees are those that programs of the kernel see. */
export function hasGlobalIds(): boolean {
  return Deno.readLinkSync("/proc/self/ns/pid") === FIRST_PID_NAMESPACE;
}

/** The kernel's programs see global ids; sb's are those only in the first pid namespace. @throws SbError `isolation.unavailable` */
export function requireGlobalIds(): void {
  if (hasGlobalIds()) return;
  throw new SbError(
    "isolation.unavailable",
    "Cannot follow processes by their ids: sb runs in a pid namespace of its own",
    { hint: "Run sb outside the container, or start the command with it: sb run …" },
  );
}

/** What tells a process from later ones of the same id. @throws SbError `process.not_found` */
export function identify(pid: number): ProcessIdentity {
  return { pid, startTicks: readProcessStat(pid).startTicks };
}

/** Whether that very process is still there, and no zombie. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  try {
    const stat = readProcessStat(pid);
    return stat.startTicks === startTicks && stat.state !== "Z";
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
