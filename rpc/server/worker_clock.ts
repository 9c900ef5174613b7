/** When a worker takes too long. A busy machine is no fault of its file, so what counts is the worker's own time. */
import { type ProcessStat, readProcessStat } from "../../src/sys/mod.ts";

/** So long may a request take: of processor time, or standing still. */
export const REQUEST_MS = 1000;
/** How often a worker is looked at that has had that much time, and how many looks in a row find one that stands still. */
const LOOK_MS = 100, STILL_LOOKS = 4;
/** Whatever a worker does is over after so long. */
const MOST_MS = 10_000;
const TICK_MS = 10;

function look(pid: number): Pick<ProcessStat, "state" | "processorTicks"> | null {
  try {
    return readProcessStat(pid);
  } catch {
    return null;
  }
}

/** The clock of one worker. */
export class WorkerClock {
  readonly #pid: number;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param ring is called once when the time is over */
  constructor(pid: number, ring: () => void) {
    this.#pid = pid;
    this.#ring = ring;
  }

  /** Rings after so long. */
  start(ms: number): void {
    this.stop();
    this.#timer = setTimeout(this.#ring, ms);
  }

  /** Rings when a request that begins now has had its time. */
  startRequest(): void {
    this.stop();
    const first = look(this.#pid)?.processorTicks ?? 0;
    const until = performance.now() + MOST_MS;
    let last = -1;
    let still = 0;
    const again = () => {
      const now = look(this.#pid);
      if (now === null) return;
      // One that waits for a processor is runnable; one that waits for a file is not.
      still = now.state !== "R" && now.processorTicks === last ? still + 1 : 0;
      last = now.processorTicks;
      const spentMs = (now.processorTicks - first) * TICK_MS;
      if (spentMs >= REQUEST_MS || still >= STILL_LOOKS || performance.now() >= until) this.#ring();
      else this.#timer = setTimeout(again, LOOK_MS);
    };
    this.#timer = setTimeout(again, REQUEST_MS);
  }

  /** Rings no more. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
