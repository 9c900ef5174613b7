/** What calls of a function take, as the program itself measures them, and as the module does. */
import type { HistogramRow, TargetRow } from "../../../src/probe/kmod/rows.ts";
import { attempt, command, histogram, target } from "../kernel_module.ts";
import type { Program } from "../program.ts";

const TAG = "figure";
/** Times of single calls, nanoseconds. */
export interface CallTimes {
  min_ns: number;
  p50_ns: number;
  p99_ns: number;
  max_ns: number;
  mean_ns: number;
}

/** Times `count` calls of a function by the program's own clock. */
export async function callTimes(program: Program, name: string, count: number): Promise<CallTimes> {
  // No warm-up: the module's figures are of the same calls.
  const [times] = await program.send(`bench ${name} ${count} 0`);
  return times as unknown as CallTimes;
}

/** A probe, and how often it is hit. */
export interface Measurement {
  program: Program;
  /** The function that is called. */
  name: string;
  /** What follows `PATH:` in the add: `f_push 1000 how=sleep`. */
  add: string;
  count: number;
}

/** What a probe did. */
export interface Measured {
  /** By the program's clock. */
  times: CallTimes;
  /** By the module. */
  row: TargetRow;
  histogram: HistogramRow | undefined;
}

/** Puts a probe in place, times calls, reads the module's figures, takes it out. */
export async function measure({ program, name, add, count }: Measurement): Promise<Measured> {
  command(`+${program.path}:${add} pid=${program.pid} owner=${Deno.pid} tag=${TAG} histogram=16`);
  try {
    const times = await callTimes(program, name, count);
    const row = target(TAG);
    return { times, row, histogram: histogram(row.id) };
  } finally {
    attempt(`-@${TAG}`);
  }
}
