/** Commands for single targets, written on other threads: each target's in their order, those of many at a time. */
import { isGone } from "./owner.ts";
import type { SpeedBumpFiles } from "./sysfs.ts";

/** How often an effect is looked for, milliseconds. */
const POLL_MS = 1;

/** Writes commands that wait for the kernel. */
export class TargetWriter {
  readonly #module: SpeedBumpFiles;
  /** The last command of each target that has any under way. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(module: SpeedBumpFiles) {
    this.#module = module;
  }

  /** Writes at once and waits for it here: for what the kernel answers soon. @throws SbError */
  writeNow(command: string, what: string): void {
    this.#module.writeCommand(command, { what });
  }

  /**
   * Writes when the target's former commands are done.
   *
   * @param options.isDone tells that the command has taken effect, which may be long before its write returns
   * @throws SbError as the module's errno means it
   */
  async write(
    tag: string,
    command: string,
    what: string,
    { isDone }: { isDone?: (() => boolean) | undefined } = {},
  ): Promise<void> {
    let isWritten = false;
    const written = this.#enqueue(tag, () => this.#carryOut(command, what)).finally(() => isWritten = true);
    if (!isDone) return await written;
    written.catch(() => {});
    while (!isWritten && !isDone()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (isWritten) await written;
  }

  /** Writes when the target's former commands are done; who waits for {@linkcode settled} learns of nothing but its end. */
  writeLater(tag: string, command: string, what: string): void {
    this.#enqueue(tag, async () => {
      try {
        await this.#carryOut(command, what);
      } catch (error) {
        // Whoever took the target away undid it too.
        if (!isGone(error)) throw error;
      }
    }).catch(() => {});
  }

  /** Settles when everything that was written so far has returned. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#underWay.values()]);
  }

  #enqueue(tag: string, act: () => Promise<void>): Promise<void> {
    const before = this.#underWay.get(tag)?.catch(() => {});
    const done = before ? before.then(act) : act();
    const last = done.finally(() => {
      if (this.#underWay.get(tag) === last) this.#underWay.delete(tag);
    });
    this.#underWay.set(tag, last);
    return last;
  }

  async #carryOut(command: string, what: string): Promise<void> {
    if (await this.#module.writeCommandInBackground(command, { what })) return;
    // It failed, with an errno that only this thread can learn.
    this.#module.writeCommand(command, { what });
  }
}
