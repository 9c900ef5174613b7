/** Figures at an interval, as an async iterator. */
import type { Tick } from "./protocol.ts";

/** Where a subscription's ticks come in. */
export interface TickSink {
  take(tick: Tick): void;
  /** No tick will come any more. */
  end(): void;
}

/**
 * Yields ticks until it is disposed, its loop is left, or the connection ends. A tick that was not read when the next one came is
 * dropped: figures are totals, so the newest has all of them.
 */
export class Subscription implements AsyncIterableIterator<Tick>, AsyncDisposable {
  readonly #unsubscribe: () => Promise<void>;
  #newest: Tick | undefined;
  #waiting: ((result: IteratorResult<Tick>) => void)[] = [];
  #hasEnded = false;
  #dropped = 0;

  /** Use {@linkcode Client.subscribe}. @param tie is given the end at which ticks come in */
  constructor(unsubscribe: () => Promise<void>, tie: (sink: TickSink) => void) {
    this.#unsubscribe = unsubscribe;
    tie({ take: (tick) => this.#take(tick), end: () => this.#end() });
  }

  /** Ticks that nobody had read when the next one came. */
  get dropped(): number {
    return this.#dropped;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Tick>> {
    const tick = this.#newest;
    this.#newest = undefined;
    if (tick) return Promise.resolve({ done: false, value: tick });
    if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async return(): Promise<IteratorResult<Tick>> {
    if (!this.#hasEnded) {
      this.#end();
      await this.#unsubscribe();
    }
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #take(tick: Tick): void {
    const waiting = this.#waiting.shift();
    if (waiting) return waiting({ done: false, value: tick });
    if (this.#newest) this.#dropped++;
    this.#newest = tick;
  }

  #end(): void {
    this.#hasEnded = true;
    for (const resolve of this.#waiting) resolve({ done: true, value: undefined });
    this.#waiting = [];
  }
}
