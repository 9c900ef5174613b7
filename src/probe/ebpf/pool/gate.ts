/** Lets so many through at a time; the others wait in the order in which they came. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param atATime from 1 */
  constructor(atATime: number) {
    this.#free = atATime;
  }

  /** Runs `act` once there is room. @throws what it throws */
  async pass<T>(act: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await act();
    } finally {
      // Who comes next takes the room over.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
