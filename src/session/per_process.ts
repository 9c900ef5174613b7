/** `per-process` isolation: a link a process of the tree, and one more for each process that is forked. */
import { type Attachment, type AttachPaths, type BackendSession, LateForks } from "../probe/mod.ts";
import { monotonicNs } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { lateNote } from "./report.ts";

/** How often processes that ended are let go, milliseconds. */
const SWEEP_MS = 500;

/** Keeps the breakpoints in exactly the processes of the tree. */
export class ProcessArmer implements Disposable {
  readonly #session: BackendSession;
  readonly #paths: AttachPaths;
  readonly #armed = new Map<number, Attachment>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  #closed = false;
  #late = new LateForks();

  /** Arms the members that are there and follows forks from now on. @throws SbError */
  constructor(session: BackendSession, { paths, first }: { paths: AttachPaths; first: readonly number[] }) {
    this.#session = session;
    this.#paths = paths;
    for (const pid of first) this.arm(pid);
    void this.#follow();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** What the reader must know: calls of children before they were armed are not in the figures. */
  get notes(): string[] {
    const late = this.#late.figures;
    return late.processes === 0 ? [] : [lateNote(late, { remedy: "--isolation=shared" })];
  }

  /** Arms a process. */
  arm(pid: number): void {
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
        this.arm(pid);
        this.#late.add(Number(monotonicNs() - atNs));
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

  /** Lets everybody go, and begins anew. Resolves when the breakpoints have left. */
  async release(): Promise<void> {
    const attachments = [...this.#armed.values()];
    this.#armed.clear();
    this.#late = new LateForks();
    await Promise.all(attachments.map((attachment) => attachment.detach()));
  }

  /** Arms nobody from now on; the links go with the session, and so does the news of forks. */
  [Symbol.dispose](): void {
    this.#closed = true;
    clearInterval(this.#sweeper);
  }
}
