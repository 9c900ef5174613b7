/** The memory of timing: a value a thread with what it is in, a record a group and CPU, and what breakpoints cost. */
import { StructLayout } from "../../../../ffi/mod.ts";
import { FLOOR_CLASSES, type FloorClass } from "../../floor.ts";

/** The head of a thread's value; a {@linkcode SPAN} a group follows. */
export const THREAD = new StructLayout({
  /** What breakpoints cost the thread so far, nanoseconds. */
  costNs: "u64",
});

/** The call of a group that a thread is in: the outermost one. */
export const SPAN = new StructLayout({
  /** The stack pointer at its entry; 0 outside. */
  stackPointer: "u64",
  /** By the thread's clock, nanoseconds: time in which it waited for a processor is not in it. */
  startedNs: "u64",
  /** The thread's cost when the call began, less what of its entry's breakpoint falls into the call. */
  costNs: "u64",
});

/** What was counted of a group on one CPU. */
export const TIMES = new StructLayout({
  /** Executions of entries, and of ways out. */
  calls: "u64",
  returns: "u64",
  /** Ways out that lead into another function. */
  tails: "u64",
  /** Outermost calls that began and that ended. */
  opened: "u64",
  finished: "u64",
  /** Sum over outermost calls: from entry to return, less the cost of breakpoints; signed. */
  inclusiveNs: "u64",
  /** The same with the cost of breakpoints. */
  grossNs: "u64",
  /** Calls of threads that found no room. */
  lost: "u64",
});

/** What a breakpoint costs, each a table by class. */
export const CostKind = {
  /** A breakpoint at an entry, and one at a way out: all that a call of another function sees of it. */
  entry: 0,
  return: 1,
  /** What of an entry's, and of a return's, lies between the two readings of the clock. */
  entryTail: 2,
  returnHead: 3,
} as const;

/** Places in a table of costs; place 0 costs nothing. */
export const COST_CLASSES = 16;
/** Bytes of all tables. */
export const COST_BYTES = 4 * COST_CLASSES * 8;

/** Where a cost stands. @param place of {@linkcode costPlace} */
export function costOffset(kind: keyof typeof CostKind, place: number): number {
  return (CostKind[kind] * COST_CLASSES + place) * 8;
}

/** The place of a class in the tables. */
export function costPlace(floorClass: FloorClass): number {
  return 1 + FLOOR_CLASSES.indexOf(floorClass);
}

/** The cookie of a way out that leads into another function has this for its epoch. */
export const TAIL_EPOCH = 1;
