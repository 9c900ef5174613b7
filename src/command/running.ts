/** A command that runs: its end, its resources, and signals to it. */
import {
  blockingSystemCall,
  checkedSystemCall,
  Errno,
  monotonicNs,
  OwnedFd,
  StructLayout,
  systemCall,
  systemError,
} from "../../ffi/mod.ts";

/** How a command ended. */
export interface CommandEnd {
  /** null when a signal ended it. */
  exitCode: number | null;
  /** The signal's number; null when it exited. */
  signal: number | null;
  /** CPU time of the command and the descendants that were waited for, in nanoseconds. */
  userNs: number;
  sysNs: number;
  /** The greatest resident set of one process among them. */
  maxRssBytes: number;
  /** CLOCK_MONOTONIC when its end was seen, in nanoseconds. */
  endedNs: bigint;
}

/** The head of struct rusage, getrusage(2). */
const RUSAGE = new StructLayout({
  userSeconds: "i64",
  userMicroseconds: "i64",
  sysSeconds: "i64",
  sysMicroseconds: "i64",
  maxRssKib: "i64",
});
const RUSAGE_BYTES = 144;
const WNOHANG = 1;

/** A command that was started. Disposing closes the descriptor; it neither ends the command nor waits. */
export class RunningCommand implements Disposable {
  readonly pid: number;
  /** CLOCK_MONOTONIC just before its exec, in nanoseconds. */
  readonly startedNs: bigint;
  readonly #pidFd: OwnedFd;
  #end: Promise<CommandEnd> | undefined;

  /** @param pid a child of this process that nobody else waits for @throws SbError `kernel.refused` */
  constructor(pid: number, startedNs: bigint) {
    this.pid = pid;
    this.startedNs = startedNs;
    const fd = checkedSystemCall(`watch process ${pid}`, "pidfd_open", pid, 0);
    this.#pidFd = new OwnedFd(fd, `pidfd of ${pid}`);
  }

  /** A descriptor of the process: readable once it has ended. */
  get pidFd(): number {
    return this.#pidFd.fd;
  }

  /** Waits for its end; a stopped command is waited on. */
  wait(): Promise<CommandEnd> {
    return this.#end ??= waitForEnd(this.pid);
  }

  /** Sends a signal. @returns false when it has ended */
  kill(signal: number): boolean {
    const result = systemCall("pidfd_send_signal", this.pidFd, signal, null, 0);
    if (result === 0) return true;
    if (result === -Errno.ESRCH) return false;
    throw systemError("pidfd_send_signal", -result, `send signal ${signal} to process ${this.pid}`);
  }

  [Symbol.dispose](): void {
    this.#pidFd[Symbol.dispose]();
  }
}

async function waitForEnd(pid: number): Promise<CommandEnd> {
  const status = new Int32Array(2);
  const statusBytes = new Uint8Array(status.buffer);
  const usage = new Uint8Array(RUSAGE_BYTES);
  for (;;) {
    if (await blockingSystemCall("wait4", pid, statusBytes, 0, usage) === pid) break;
    // A call on another thread leaves no errno behind: ask again on this one.
    const result = systemCall("wait4", pid, statusBytes, WNOHANG, usage);
    if (result === pid) break;
    if (result < 0 && result !== -Errno.EINTR) throw systemError("wait4", -result, `wait for process ${pid}`);
  }
  const endedNs = monotonicNs();
  const resources = RUSAGE.read(new DataView(usage.buffer));
  const signal = status[0] & 0x7f;
  return {
    exitCode: signal === 0 ? status[0] >> 8 & 0xff : null,
    signal: signal === 0 ? null : signal,
    userNs: Number(resources.userSeconds) * 1e9 + Number(resources.userMicroseconds) * 1e3,
    sysNs: Number(resources.sysSeconds) * 1e9 + Number(resources.sysMicroseconds) * 1e3,
    maxRssBytes: Number(resources.maxRssKib) * 1024,
    endedNs,
  };
}
