/** The flow inside a function whose first instruction is jumped back to, and the ways out of that loop. */
import { jumps, type Placed } from "./site_body.ts";

/** A way out of the loop, between two instructions by index; `to` is null where it leaves the function. */
export interface LoopExit {
  from: number;
  to: number | null;
  /** Whether it is the branch that leaves, or the falling through. */
  taken: boolean;
}

/** Which instruction follows which; indirect jumps lead nowhere. */
export class FlowGraph {
  readonly list: readonly Placed[];
  readonly #heads: ReadonlySet<number>;
  readonly #index = new Map<number, number>();
  readonly #reached = new Map<number, ReadonlySet<number>>();

  /** @param heads offsets that are only jumped to: what stands before them is a call that never returns */
  constructor(list: readonly Placed[], heads: ReadonlySet<number> = new Set()) {
    this.list = list;
    this.#heads = heads;
    for (const [index, { at }] of list.entries()) this.#index.set(at, index);
  }

  /** The index of the instruction at an offset; -1 where none begins. */
  indexAt(at: number | undefined): number {
    return at === undefined ? -1 : this.#index.get(at) ?? -1;
  }

  /** Where control goes after an instruction: null is out of the function. */
  next(index: number): { to: number | null; taken: boolean }[] {
    const found = this.list[index];
    const after: { to: number | null; taken: boolean }[] = [];
    const { kind } = found;
    if (kind !== "jmp" && kind !== "jmp-indirect" && kind !== "ret" && kind !== "trap") {
      const follower = this.indexAt(found.at + found.lengthBytes);
      if (follower >= 0 && !this.#heads.has(this.list[follower].at)) {
        after.push({ to: follower, taken: false });
      }
    }
    if (jumps(found)) {
      const target = this.indexAt(found.target);
      after.push({ to: target < 0 ? null : target, taken: true });
    }
    return after;
  }

  /** Whether control can come from one instruction to another, in one step at the least. */
  reaches(from: number, to: number): boolean {
    return this.#from(from).has(to);
  }

  /** Whether an instruction can run twice in a call. */
  inCycle(index: number): boolean {
    return index >= 0 && this.reaches(index, index);
  }

  /** The instructions that one can come to and come back from. */
  cycleOf(index: number): number[] {
    const reached = this.#from(index);
    const before = new Map<number, number[]>();
    for (const from of reached) {
      for (const { to } of this.next(from)) {
        if (to !== null) before.set(to, [...before.get(to) ?? [], from]);
      }
    }
    const members = new Set<number>();
    const open = [index];
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      for (const from of before.get(one) ?? []) {
        if (!members.has(from)) {
          members.add(from);
          open.push(from);
        }
      }
    }
    return [...members];
  }

  #from(start: number): ReadonlySet<number> {
    const known = this.#reached.get(start);
    if (known) return known;
    const seen = new Set<number>();
    const open = [start];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      for (const { to } of this.next(index)) {
        if (to !== null && !seen.has(to)) {
          seen.add(to);
          open.push(to);
        }
      }
    }
    this.#reached.set(start, seen);
    return seen;
  }
}

/** How far from a Go function's start its stack check ends, and how long the growing of the stack is at the most. */
const GO_CHECK_INSTRUCTIONS = 16;
const GO_GROW_INSTRUCTIONS = 32;

/**
 * Where a Go function grows its stack: its stack check branches there, registers are saved, morestack is called, and
 * the function begins again. It stands behind the body, often behind a call of a function that panics.
 * (cmd/internal/obj/x86/obj6.go, stacksplit(), Go 1.5 to 1.24.)
 */
export function stackGrowth(list: readonly Placed[]): Set<number> {
  const heads = new Set<number>();
  const start = list[0].at;
  for (const { kind, target } of list.slice(0, GO_CHECK_INSTRUCTIONS)) {
    const head = kind === "jcc" ? list.findIndex(({ at }) => at === target) : -1;
    if (head < 0) continue;
    const line = list.slice(head, head + GO_GROW_INSTRUCTIONS);
    const end = line.findIndex((one) => jumps(one) || one.kind === "ret" || one.kind === "trap");
    if (end > 0 && line[end].kind === "jmp" && line[end].target === start) heads.add(list[head].at);
  }
  return heads;
}

/**
 * The ways out of the loop around the first instruction: a call that returns takes exactly one of them, once.
 * null when there is none, when the first instruction is in no loop, or when calls are made within it, unless
 * `mayCall` (Go's stack is grown by a call): the delay would come after what the function does, not before.
 */
export function exitsOfLoop(graph: FlowGraph, options: { mayCall: boolean }): LoopExit[] | null {
  if (!graph.inCycle(0)) return null;
  const inside = graph.cycleOf(0);
  const calls = (index: number) => /^(call|syscall)/.test(graph.list[index].kind);
  if (!options.mayCall && inside.some(calls)) return null;
  const members = new Set(inside);
  const exits = inside.flatMap((from) =>
    graph.next(from)
      .filter(({ to }) => to === null || !members.has(to))
      .map(({ to, taken }) => ({ from, to, taken }))
  );
  return exits.length > 0 ? exits : null;
}
