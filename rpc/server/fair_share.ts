/** Users who keep the server itself busy wait between two requests, so that others find it free. */

/** The share of its time that one user may take for long. */
const SHARE = 0.2;
/** Nobody waits for longer than that, whatever it did. */
const MOST_WAIT_MS = 2000;

/** Calls of one user that may keep the server busy. */
class Turns {
  /** When the next one may begin, of performance.now(). */
  #next = 0;
  /** Settles with the last one that was asked for. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Whether it can be forgotten. */
  get isOver(): boolean {
    return this.#waiting === 0 && this.#next <= performance.now();
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    this.#waiting++;
    try {
      await before;
      const waitMs = this.#next - performance.now();
      if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs));
      return await work();
    } finally {
      this.#waiting--;
      resolve();
    }
  }

  spend(ms: number): void {
    const now = performance.now();
    this.#next = Math.min(now + MOST_WAIT_MS, Math.max(now, this.#next) + ms * (1 / SHARE - 1));
  }
}

/** Who may keep the server busy when. Root may always. */
export class FairShare {
  readonly #users = new Map<number, Turns>();

  /** Waits for a user's turn, one at a time, and does the work in it. */
  async turn<T>(uid: number, work: () => Promise<T>): Promise<T> {
    return uid === 0 ? await work() : await this.#of(uid).take(work);
  }

  /** Does what keeps the server busy, and charges the user for the time. */
  charge<T>(uid: number, act: () => T): T {
    if (uid === 0) return act();
    const start = performance.now();
    try {
      return act();
    } finally {
      this.#of(uid).spend(performance.now() - start);
    }
  }

  /** Whether a user has its share left. */
  isFree(uid: number): boolean {
    return this.#users.get(uid)?.isOver ?? true;
  }

  #of(uid: number): Turns {
    let turns = this.#users.get(uid);
    if (turns === undefined) {
      for (const [other, { isOver }] of this.#users) if (isOver) this.#users.delete(other);
      this.#users.set(uid, turns = new Turns());
    }
    return turns;
  }
}
