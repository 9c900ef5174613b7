/** Commands over several targets of this process: one for all where it has one session, otherwise one a target. */
import { SbError } from "../../core/mod.ts";
import { removeCommand } from "./command.ts";
import type { TargetRow } from "./rows.ts";
import type { SpeedBumpFiles } from "./sysfs.ts";

/** How long a new session waits for a command over all targets, milliseconds; it takes some 100 at the most. */
const MAX_WAIT_MS = 5000;
const POLL_MS = 1;
/** Commands under way at a time: each waits for the kernel, and so do all of them together. */
const AT_ONCE = 16;

/** Prefixes of the tags of the sessions that are open in this process. */
const sessions = new Set<string>();
/** Commands over all of the owner's targets that are on their way: each tells from the list whether it has taken effect. */
const underWay = new Set<(rows: readonly TargetRow[]) => boolean>();

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Whether an error says that a target, or the whole module, is not there any more: whoever took it away undid it too. */
export function isGone(error: unknown): boolean {
  return error instanceof SbError && (error.code === "probe.not_found" || error.code === "module.not_loaded");
}

/** A session's part in what this process owns. */
export class OwnedTargets {
  readonly #module: SpeedBumpFiles;
  readonly #prefix: string;

  /**
   * Takes part. A command over all targets that another session has on its way must have taken effect before a target of
   * this one is added: it would take that too.
   *
   * @param prefix of the tags of the session
   */
  constructor(module: SpeedBumpFiles, prefix: string) {
    this.#module = module;
    this.#prefix = prefix;
    for (let waitedMs = 0; underWay.size > 0 && waitedMs < MAX_WAIT_MS; waitedMs += POLL_MS) {
      const rows = module.readTargets();
      if ([...underWay].every((isDone) => isDone(rows))) break;
      Atomics.wait(sleeper, 0, 0, POLL_MS);
    }
    sessions.add(prefix);
  }

  /** This session's rows by tag. */
  rows(): Map<string, TargetRow> {
    const own = this.#module.readTargets().filter((row) => this.#isOwn(row));
    return new Map(own.map((row) => [row.tag as string, row]));
  }

  /**
   * Writes on another thread, since the writes return when breakpoints are out.
   *
   * @param commands.all for all of the owner's targets, when no other session is open
   * @param commands.each one a target otherwise
   * @param isDone whether a row shows that the command has taken effect
   */
  async writeToAll(
    commands: { all: string; each: readonly string[] },
    { what, isDone }: { what: string; isDone: (row: TargetRow) => boolean },
  ): Promise<void> {
    if (sessions.size > 1 || this.#hasStrangers()) return await this.writeToEach(commands.each, what);
    const marker = (rows: readonly TargetRow[]) => rows.every((row) => !this.#isOwn(row) || isDone(row));
    underWay.add(marker);
    try {
      await this.#write(commands.all, what);
    } finally {
      underWay.delete(marker);
    }
  }

  /** Writes on another thread, a command a target. @param what what they are for, as an error says it */
  async writeToEach(commands: readonly string[], what: string): Promise<void> {
    for (let first = 0; first < commands.length; first += AT_ONCE) {
      const some = commands.slice(first, first + AT_ONCE);
      await Promise.all(some.map((command) => this.#write(command, what)));
    }
  }

  /** Removes this session's targets; returns when their breakpoints are out. @throws SbError */
  async removeAll(): Promise<void> {
    try {
      const each = [...this.rows().keys()].map((tag) => removeCommand({ tag }));
      await this.writeToAll({ all: removeCommand({ owner: Deno.pid }), each }, {
        what: "undo the probes",
        isDone: () => false,
      });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Takes part no longer. */
  leave(): void {
    sessions.delete(this.#prefix);
  }

  /** Whether this process owns targets that no session of it made. */
  #hasStrangers(): boolean {
    return this.#module.isLoaded &&
      this.#module.readTargets().some((row) => row.owner === Deno.pid && !this.#isOwn(row));
  }

  #isOwn({ tag }: TargetRow): boolean {
    return tag?.startsWith(`${this.#prefix}.`) === true;
  }

  async #write(command: string, what: string): Promise<void> {
    try {
      if (await this.#module.writeCommandInBackground(command, { what })) return;
      // It failed, with an errno that only this thread can learn.
      this.#module.writeCommand(command, { what });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}
