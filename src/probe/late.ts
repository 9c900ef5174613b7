/** How late forked processes got their breakpoints: what they executed before was neither delayed nor counted. Pure. */
import { bucketOf, bucketStart, histogramQuantile } from "./histogram.ts";

/** The figures; zeros where breakpoints come into forked processes by themselves. */
export interface Late {
  /** Processes that were forked in the tree since the probe was added, and armed after their fork, or not before their end. */
  readonly processes: number;
  /** From the fork to the breakpoints, nanoseconds. */
  readonly medianNs: number;
  readonly longestNs: number;
}

/** Of probes that miss nothing. */
export const NEVER_LATE: Late = { processes: 0, medianNs: 0, longestNs: 0 };

/** Buckets an octave, as a power of two: a tree may fork without end. */
const SHIFT = 4;

/** Collects the times of many processes in little memory. */
export class LateForks {
  readonly #counts = new Map<number, number>();
  #processes = 0;
  #longestNs = 0;

  /** @param ns from the fork to the breakpoints, a whole number */
  add(ns: number): void {
    const bucket = bucketOf(ns, SHIFT);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#processes++;
    this.#longestNs = Math.max(this.#longestNs, ns);
  }

  /** The figures so far. */
  get figures(): Late {
    if (this.#processes === 0) return NEVER_LATE;
    const histogram = [...this.#counts].sort(([x], [y]) => x - y).map(([bucket, count]) => ({
      geNs: bucketStart(bucket, SHIFT),
      ltNs: bucketStart(bucket + 1, SHIFT),
      count,
    }));
    return {
      processes: this.#processes,
      medianNs: Math.min(this.#longestNs, histogramQuantile(histogram, 0.5)),
      longestNs: this.#longestNs,
    };
  }
}
