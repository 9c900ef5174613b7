/** Measuring on a machine that has other work: batches in which this thread lost its processor tell nothing. */
import { systemCall } from "../../ffi/mod.ts";

/** Batches that are enough, and how many are tried for them. */
const ENOUGH = 12;
const MOST = 36;
/** Quiet batches without which a measurement is not believed. */
const LEAST = 4;

/** struct rusage, getrusage(2): the last two of its words count voluntary and forced switches. */
const RUSAGE_THREAD = 1;
const usage = new BigInt64Array(18);
const usageBytes = new Uint8Array(usage.buffer);

/** How often this thread has given its processor up or lost it. */
function switches(): bigint {
  systemCall("getrusage", RUSAGE_THREAD, usageBytes);
  return usage[16] + usage[17];
}

/** The lower quartile: what else disturbs only ever makes a batch longer. */
function quartile(values: number[]): number {
  return values.sort((x, y) => x - y)[values.length >> 2];
}

/** What was measured. */
export interface Measured {
  value: number;
  /** Whether enough batches were quiet; all of them count otherwise. */
  isQuiet: boolean;
}

/** The lower quartile of quiet batches. @param batch measures once */
export function measureQuietly(batch: () => number): Measured {
  const quiet: number[] = [];
  const all: number[] = [];
  while (quiet.length < ENOUGH && all.length < MOST) {
    const before = switches();
    const value = batch();
    all.push(value);
    if (switches() === before) quiet.push(value);
  }
  const isQuiet = quiet.length >= LEAST;
  return { value: quartile(isQuiet ? quiet : all), isQuiet };
}
