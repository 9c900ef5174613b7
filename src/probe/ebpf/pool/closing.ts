/** Takes breakpoints out away from the main thread, so many at a time. */
import type { OwnedFd } from "../../../../ffi/mod.ts";
import { Gate } from "./gate.ts";

/**
 * Closes at a time. A close takes the breakpoint out and then waits for the kernel's grace periods and for every delay in
 * flight, of whatever probe; those that wait at the same time wait for the same. Each holds a thread of Deno's pool.
 */
const AT_A_TIME = 64;

/** What is being closed. */
export class Closing {
  readonly #gate = new Gate(AT_A_TIME);
  readonly #pending = new Set<Promise<void>>();

  /** Closes links. @returns once their breakpoints have left */
  close(links: readonly OwnedFd[]): Promise<void> {
    if (links.length === 0) return Promise.resolve();
    const closed = Promise.all(links.map((link) => this.#gate.pass(() => link.closeInBackground()))).then(
      () => {},
    );
    this.#pending.add(closed);
    void closed.finally(() => this.#pending.delete(closed));
    return closed;
  }

  /** Settles when everything that is being closed now is. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
