/** `per-process` isolation: a link a process of the tree, and one more for each process that is forked. */
import type { Attachment, AttachPaths, BackendSession } from "../probe/mod.ts";
import { monotonicNs } from "../../ffi/mod.ts";
import { humanTime, SbError } from "../core/mod.ts";

/** How often processes that ended are let go, milliseconds. */
const SWEEP_MS = 500;

/** Keeps the breakpoints in exactly the processes of the tree. */
export class ProcessArmer implements Disposable {
  readonly #session: BackendSession;
  readonly #paths: AttachPaths;
  readonly #armed = new Map<number, Attachment>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  #closed = false;
  /** Nanoseconds from a fork to its child's breakpoints. */
  readonly #delaysNs: number[] = [];

  /** Arms the members that are there and follows forks from now on. @throws SbError */
  constructor(session: BackendSession, { paths, first }: { paths: AttachPaths; first: readonly number[] }) {
    this.#session = session;
    this.#paths = paths;
    for (const pid of first) this.#arm(pid);
    void this.#follow();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** What the reader must know: calls of children before they were armed are not in the figures. */
  get notes(): string[] {
    const delays = this.#delaysNs.toSorted((x, y) => x - y);
    if (delays.length === 0) return [];
    const median = humanTime(delays[delays.length >> 1]);
    const longest = humanTime(delays[delays.length - 1]);
    return [
      `${delays.length} processes were forked meanwhile and armed ${median} (median; at most ${longest}) after their ` +
      "fork; what they called before was neither delayed nor counted (to miss nothing: --isolation=shared)",
    ];
  }

  #arm(pid: number): void {
    if (this.#closed || this.#armed.has(pid)) return;
    try {
      this.#armed.set(pid, this.#session.attach(this.#paths, pid));
    } catch (error) {
      // It ended before its link was there.
      if (!(error instanceof SbError && error.data.errno === "ESRCH")) throw error;
    }
  }

  async #follow(): Promise<void> {
    for (;;) {
      const forks = await this.#session.nextForks();
      if (forks === null) return;
      for (const { pid, atNs } of forks) {
        this.#arm(pid);
        this.#delaysNs.push(Number(monotonicNs() - atNs));
      }
    }
  }

  #sweep(): void {
    const members = new Set(this.#session.members());
    for (const [pid, attachment] of this.#armed) {
      if (members.has(pid)) continue;
      this.#armed.delete(pid);
      void attachment.detach();
    }
  }

  /** Arms nobody from now on; the links go with the session, and so does the news of forks. */
  [Symbol.dispose](): void {
    this.#closed = true;
    clearInterval(this.#sweeper);
  }
}
