/** What the breakpoints of timing cost, measured on stubs that are entered and left like the functions that are timed. */
import { mean } from "../../../stats/mod.ts";
import { HotLoop, monotonicNs } from "../../../../ffi/mod.ts";
import { batchCalls, type FloorClass, type Stub, stubOf } from "../../floor.ts";
import { measureQuietly } from "../../quiet.ts";
import type { CostKind } from "./layout.ts";

/** Calls that tell how many make a batch. */
const WARM_CALLS = 24;

/** A stub: the class of the instruction at its entry, and of the one at its way out. */
export interface StubPair {
  entry: FloorClass;
  way: FloorClass;
}

/** A breakpoint on a stub. @param index of the pair */
export interface StubSite {
  index: number;
  fileOffset: number;
  isTrampoline: boolean;
}

/** What measuring needs of a session: its own way of timing the stubs. */
export interface CostTarget {
  attach(path: string, sites: readonly StubSite[], side: "entry" | "return"): void;
  /** Outermost calls of a stub that ended so far, and the sum of their times as the clock has them. */
  spans(index: number): { finished: number; inclusiveNs: number };
}

/** Costs by class, nanoseconds. */
export type Costs = Record<keyof typeof CostKind, Map<FloorClass, number>>;

const IS_X86 = Deno.build.arch === "x86_64";
const RETURN_BYTES = IS_X86 ? 1 : 4;
/** Jumps to the next instruction. */
const WAYS: Partial<Record<FloorClass, readonly number[]>> = IS_X86
  ? { jmp: [0xeb, 0x00], jcc: [0x75, 0x00] }
  : { jmp: [0x01, 0x00, 0x00, 0x14], jcc: [0x21, 0x00, 0x00, 0x54] };

/** Machine code of a pair, and where its breakpoints go. */
function pairStub({ entry, way }: StubPair): { code: number[]; entryAt: number; wayAt: number } {
  const { code, siteOffset } = stubOf(entry) ?? stubOf("stepped") as Stub;
  const body = code.slice(0, -RETURN_BYTES);
  return {
    code: [...body, ...WAYS[way] ?? [], ...code.slice(-RETURN_BYTES)],
    entryAt: siteOffset,
    wayAt: way === "trampoline" ? 0 : body.length,
  };
}

/** Measures costs again and again; owns the stubs. */
export class CostMeter implements Disposable {
  readonly #pairs: readonly StubPair[];
  readonly #loop: HotLoop;
  readonly #target: CostTarget;
  readonly #bareNs: number[];
  /** What the entry alone costs, and both together, when they were measured first. */
  readonly #entryNs: number[];
  readonly #bothNs: number[];

  /** Maps the stubs, times them bare, with one and with both breakpoints. @throws SbError `kernel.refused` */
  constructor(pairs: readonly StubPair[], target: CostTarget) {
    const stubs = pairs.map(pairStub);
    this.#pairs = pairs;
    this.#target = target;
    this.#loop = new HotLoop(stubs.map(({ code }) => code));
    const { offsets, path } = this.#loop;
    const site = (index: number, at: number, isTrampoline = false): StubSite => ({
      index,
      fileOffset: offsets[index] + at,
      isTrampoline,
    });
    try {
      this.#bareNs = this.#timeAll();
      target.attach(path, stubs.map(({ entryAt }, index) => site(index, entryAt)), "entry");
      const entered = this.#timeAll();
      const ways = stubs.map(({ wayAt }, index) => site(index, wayAt, pairs[index].way === "trampoline"));
      target.attach(path, ways, "return");
      const both = this.#timeAll();
      this.#entryNs = entered.map((ns, index) => ns - this.#bareNs[index]);
      this.#bothNs = both.map((ns, index) => ns - this.#bareNs[index]);
    } catch (error) {
      this.#loop[Symbol.dispose]();
      throw error;
    }
  }

  /** The costs now. */
  measure(): Costs {
    const rows = this.#pairs.map((pair, index) => {
      const bothNs = this.#time(index) - this.#bareNs[index];
      const spanNs = this.#timeSpan(index);
      // How dear traps are changes with the host; how the two share it does not.
      const entryNs = this.#entryNs[index] * bothNs / this.#bothNs[index];
      return { ...pair, entryNs, returnNs: bothNs - entryNs, spanNs };
    });
    return costsOf(rows);
  }

  #timeAll(): number[] {
    return this.#pairs.map((_, index) => this.#time(index));
  }

  /** Nanoseconds a call. */
  #time(index: number): number {
    const calls = batchCalls(this.#run(index, WARM_CALLS));
    return measureQuietly(() => this.#run(index, calls)).value;
  }

  /** Nanoseconds of a call as its own breakpoints see it. */
  #timeSpan(index: number): number {
    const calls = batchCalls(this.#run(index, WARM_CALLS));
    return measureQuietly(() => {
      const before = this.#target.spans(index);
      this.#run(index, calls);
      const after = this.#target.spans(index);
      return (after.inclusiveNs - before.inclusiveNs) / Math.max(1, after.finished - before.finished);
    }).value;
  }

  #run(index: number, calls: number): number {
    const before = monotonicNs();
    this.#loop.run(index, calls);
    return Number(monotonicNs() - before) / calls;
  }

  [Symbol.dispose](): void {
    this.#loop[Symbol.dispose]();
  }
}

/** What was measured of a pair: the two breakpoints, and what of both lies between their readings of the clock. */
export interface PairCost extends StubPair {
  entryNs: number;
  returnNs: number;
  spanNs: number;
}

/**
 * From pairs to classes. Only sums of a tail and a head can be measured: the head of the first class of ways out is taken for
 * zero, and the others are what they differ from it. Pure.
 */
export function costsOf(rows: readonly PairCost[]): Costs {
  const classes = (side: "entry" | "way") => [...new Set(rows.map((row) => row[side]))];
  const byClass = (side: "entry" | "way", value: (row: PairCost) => number) =>
    new Map(
      classes(side).map((floorClass) => [
        floorClass,
        mean(rows.filter((row) => row[side] === floorClass).map(value)),
      ]),
    );
  const first = rows[0]?.way;
  const spanOfFirst = new Map(
    rows.filter(({ way }) => way === first).map(({ entry, spanNs }) => [entry, spanNs]),
  );
  const returnHead = byClass("way", ({ entry, spanNs }) => spanNs - (spanOfFirst.get(entry) ?? spanNs));
  return {
    entry: byClass("entry", ({ entryNs }) => entryNs),
    return: byClass("way", ({ returnNs }) => returnNs),
    entryTail: byClass("entry", ({ way, spanNs }) => spanNs - (returnHead.get(way) ?? 0)),
    returnHead,
  };
}
