/** How long functions take, of several runs that timed them: one in which the disk or the machine was slow does not stand for all. Pure. */
import { humanTime } from "../core/mod.ts";
import type { FunctionTime } from "../session/mod.ts";

/** So often functions are timed at the least, where the budget has room for it, and at the most. */
export const LEAST_TIMINGS = 2;
const MOST_TIMINGS = 3;
/** Two runs whose times differ by no more agree. */
const AGREEING = 0.1;
/** Runs whose times differ by more of the time are told of. */
const DOUBTFUL = 0.5;

/** What the functions of each target take. */
export interface FunctionTimes {
  /** Target → nanoseconds of a run; null where it is not known. */
  functionNs: Record<string, number | null>;
  /** Sentences for the reader. */
  notes: string[];
}

/** How much the times of a target differ, as a share of the least; 0 of one. @param times least first */
function spreadOf(times: readonly FunctionTime[]): number {
  const [least, most] = [times[0], times[times.length - 1]].map(({ inclusiveNs }) => inclusiveNs ?? 0);
  return most > least ? (most - least) / least : 0;
}

/** Each target's times, of the runs that could tell them, least first. */
function timesOf(timings: readonly FunctionTime[][]): Map<string, FunctionTime[]> {
  const byTarget = Map.groupBy(timings.flat(), ({ target }) => target);
  return new Map([...byTarget].map(([target, times]) => {
    const known = times.filter(({ inclusiveNs }) => inclusiveNs !== null);
    const rising = known.toSorted((first, second) => first.inclusiveNs! - second.inclusiveNs!);
    return [target, rising.length > 0 ? rising : times.slice(0, 1)];
  }));
}

/** Whether another run could change what is known: only one was timed, or some target's times differ. */
export function areTimesOpen(timings: readonly FunctionTime[][]): boolean {
  if (timings.length >= MOST_TIMINGS) return false;
  return timings.length < LEAST_TIMINGS ||
    [...timesOf(timings).values()].some((times) => spreadOf(times) > AGREEING);
}

/** The middle time of each target, with its run's notes; of two runs the shorter. */
export function middleTimes(timings: readonly FunctionTime[][]): FunctionTimes {
  const functionNs: Record<string, number | null> = {};
  const notes: string[] = [];
  for (const [target, times] of timesOf(timings)) {
    const middle = times[(times.length - 1) >> 1];
    functionNs[target] = middle.inclusiveNs;
    notes.push(...middle.notes.map((note) => `${target}: ${note}`));
    if (spreadOf(times) <= DOUBTFUL) continue;
    const [least, most] = [times[0], times[times.length - 1]].map(({ inclusiveNs }) =>
      humanTime(inclusiveNs!)
    );
    notes.push(
      `${target}: the function took ${least} in one run and ${most} in another: what half of it gives is as uncertain`,
    );
  }
  return { functionNs, notes };
}
