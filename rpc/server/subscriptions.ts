/** The subscriptions of a connection: a timer each. */
import { SbError } from "../../src/core/mod.ts";

/** Each of them reads every figure of the session at its interval. */
const MOST = 8;

/** What ticks, and how often. */
export class Subscriptions implements Disposable {
  readonly #timers = new Map<string, ReturnType<typeof setInterval>>();
  #last = 0;

  /**
   * Begins one.
   *
   * @param tick called at the interval with the subscription's id
   * @returns its id
   * @throws SbError `session.busy`
   */
  add(intervalNs: number, tick: (id: string) => void): string {
    if (this.#timers.size >= MOST) {
      throw new SbError("session.busy", `Cannot subscribe: the session has ${MOST} subscriptions already`, {
        hint: "End one: stats.unsubscribe",
        data: { limit: MOST },
      });
    }
    const id = `s${++this.#last}`;
    this.#timers.set(id, setInterval(() => tick(id), intervalNs / 1e6));
    return id;
  }

  /** Ends one. @throws SbError `subscription.not_found` */
  remove(id: string): void {
    const timer = this.#timers.get(id);
    if (timer === undefined) {
      throw new SbError(
        "subscription.not_found",
        `Cannot find the subscription "${id}": the session has none of that id`,
      );
    }
    clearInterval(timer);
    this.#timers.delete(id);
  }

  /** Ends all. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearInterval(timer);
    this.#timers.clear();
  }
}
