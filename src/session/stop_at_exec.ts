/** Holds a command at its exec, before its first instruction, until its breakpoints are in: ptrace(2). */
import { checkedSystemCall, type ChildCall, Errno, monotonicNs, systemCall } from "../../ffi/mod.ts";
import type { RunningCommand } from "../command/mod.ts";
import { Signal } from "../sys/mod.ts";

const PTRACE_TRACEME = 0;
const PTRACE_DETACH = 17;
const WALL = 0x40000000;

/** The call that the command's process makes before its exec: the exec then stops it with SIGTRAP. */
export const TRACE_ME: ChildCall = { call: "ptrace", args: [PTRACE_TRACEME, 0, 0, 0] };

/** A command that was started with {@linkcode TRACE_ME}. Disposed of before its release it is killed: it never ran. */
export class HeldCommand implements Disposable {
  readonly #command: RunningCommand;
  #isReleased = false;

  /** Waits until it stands at its exec. */
  constructor(command: RunningCommand) {
    this.#command = command;
    this.#wait();
  }

  /** Lets it go, untraced. @returns when, CLOCK_MONOTONIC in nanoseconds @throws SbError `kernel.refused` */
  release(): bigint {
    const releasedNs = monotonicNs();
    checkedSystemCall("let the command go on", "ptrace", PTRACE_DETACH, this.#command.pid, 0, 0);
    this.#isReleased = true;
    return releasedNs;
  }

  [Symbol.dispose](): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#command.kill(Signal.KILL)) this.#wait();
  }

  #wait(): void {
    while (systemCall("wait4", this.#command.pid, null, WALL, null) === -Errno.EINTR) { /* again */ }
  }
}
