/** Holds a command at its exec, before its first instruction, until its breakpoints are in: ptrace(2). */
import { checkedSystemCall, type ChildCall, Errno, systemCall } from "../../ffi/mod.ts";

const PTRACE_TRACEME = 0;
const PTRACE_DETACH = 17;

/** The call that the command's process makes before its exec: the exec then stops it with SIGTRAP. */
export const TRACE_ME: ChildCall = { call: "ptrace", args: [PTRACE_TRACEME, 0, 0, 0] };

/** Waits for the stop and lets the command go, untraced. @throws SbError `kernel.refused` */
export function releaseExec(pid: number): void {
  const WALL = 0x40000000;
  while (systemCall("wait4", pid, null, WALL, null) === -Errno.EINTR) { /* again */ }
  checkedSystemCall("let the command go on", "ptrace", PTRACE_DETACH, pid, 0, 0);
}
