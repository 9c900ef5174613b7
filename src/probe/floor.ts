/** The floor of each kind of site on this machine, now: what a hit costs outside the handler's clock. */
import { HotLoop, monotonicNs } from "../../ffi/mod.ts";
import type { SiteClass } from "../symbols/mod.ts";
import type { ProbePlan } from "./model.ts";
import { measureQuietly } from "./quiet.ts";

/** What sites are told apart by when it comes to cost: their instruction, or a return trampoline. */
export type FloorClass = SiteClass | "trampoline";

/** Floor classes in the order of their numbers in cookies; number 0 is "no floor". */
export const FLOOR_CLASSES: readonly FloorClass[] = [
  "push",
  "nop",
  "nop5",
  "jcc",
  "jmp",
  "call",
  "stepped",
  "trampoline",
];

/** The class of a plan's breakpoint. @param site its index; a trampoline has one */
export function floorClassOf(plan: ProbePlan, site: number): FloorClass {
  return plan.attach === "trampoline" ? "trampoline" : plan.sites[site].class;
}

/** The classes that plans need, in the order of their numbers. */
export function floorClassesOf(plans: readonly ProbePlan[]): FloorClass[] {
  const needed = new Set(
    plans.flatMap((plan) =>
      plan.attach === "trampoline" ? ["trampoline"] : plan.sites.map((site) => site.class)
    ),
  );
  return FLOOR_CLASSES.filter((floorClass) => needed.has(floorClass));
}

/** A name for a plan's breakpoint: several probes with one pay its floor once. */
export function siteKey(plan: ProbePlan, fileOffset: number): string {
  return `${plan.file.device}:${plan.file.inode}:${fileOffset}:${plan.attach === "trampoline"}`;
}

/** The number of a class in a cookie. */
export function floorClassNumber(floorClass: FloorClass): number {
  return 1 + FLOOR_CLASSES.indexOf(floorClass);
}

/** Machine code of each class: the instruction that carries the breakpoint, at `siteOffset`, in a function that returns. */
export interface Stub {
  code: readonly number[];
  siteOffset: number;
}

const X86_STUBS: Partial<Record<FloorClass, Stub>> = {
  push: { code: [0x55, 0x5d, 0xc3], siteOffset: 0 }, // push %rbp; pop %rbp; ret
  nop: { code: [0x90, 0xc3], siteOffset: 0 },
  nop5: { code: [0x0f, 0x1f, 0x44, 0x00, 0x00, 0xc3], siteOffset: 0 },
  jcc: { code: [0x75, 0x00, 0xc3], siteOffset: 0 }, // jne to the next instruction
  jmp: { code: [0xeb, 0x00, 0xc3], siteOffset: 0 },
  call: { code: [0xe8, 0x00, 0x00, 0x00, 0x00, 0x58, 0xc3], siteOffset: 0 }, // call next; pop %rax; ret
  stepped: { code: [0x48, 0x89, 0xfa, 0xc3], siteOffset: 0 }, // mov %rdi,%rdx
  trampoline: { code: [0x55, 0x5d, 0xc3], siteOffset: 0 },
};

function words(...instructions: number[]): number[] {
  return instructions.flatMap((word) => [word & 0xff, word >>> 8 & 0xff, word >>> 16 & 0xff, word >>> 24]);
}

const ARM64_STUBS: Partial<Record<FloorClass, Stub>> = {
  nop: { code: words(0xd503201f, 0xd65f03c0), siteOffset: 0 },
  jcc: { code: words(0x54000021, 0xd65f03c0), siteOffset: 0 }, // b.ne to the next instruction
  jmp: { code: words(0x14000001, 0xd65f03c0), siteOffset: 0 },
  call: { code: words(0xaa1e03e9, 0x94000001, 0xaa0903fe, 0xd65f03c0), siteOffset: 4 }, // mov x9,x30; bl next; mov x30,x9
  stepped: { code: words(0xaa0003e2, 0xd65f03c0), siteOffset: 0 }, // mov x2,x0
  trampoline: { code: words(0xd503201f, 0xd65f03c0), siteOffset: 0 },
};

/** The stub of a class on this machine; undefined where there is no such instruction. */
export function stubOf(floorClass: FloorClass): Stub | undefined {
  return (Deno.build.arch === "x86_64" ? X86_STUBS : ARM64_STUBS)[floorClass];
}

/** What calibration needs of a session: its own way of probing on the stubs, and the handler's own clock. */
export interface CalibrationTarget {
  /** Probes the stubs of the classes; disposed by the caller's owner. */
  attach(path: string, sites: readonly { floorClass: FloorClass; fileOffset: number; index: number }[]): void;
  /** Sum of the time that hits of a class spent in the handler, as the handler's clock has it, in nanoseconds. */
  handlerNs(index: number): number;
}

/** Calls of a batch: the first find caches cold, which many make a small share. */
const MOST_CALLS = 120;
const LEAST_CALLS = 24;
/** A batch is to be shorter than a turn on the processor by far, nanoseconds. */
const BATCH_NS = 250_000;

/** How many calls of so many nanoseconds make a batch. */
export function batchCalls(callNs: number): number {
  return Math.max(LEAST_CALLS, Math.min(MOST_CALLS, Math.floor(BATCH_NS / Math.max(1, callNs))));
}

/** Measures floors again and again; owns the stubs. */
export class FloorMeter implements Disposable {
  readonly classes: readonly FloorClass[];
  readonly #loop: HotLoop;
  readonly #target: CalibrationTarget;
  readonly #baseNs: number[];

  /** Maps the stubs, times them bare and attaches to them. @throws SbError `kernel.refused` */
  constructor(classes: readonly FloorClass[], target: CalibrationTarget) {
    this.classes = classes.filter((floorClass) => stubOf(floorClass));
    const stubs = this.classes.map((floorClass) => stubOf(floorClass) as Stub);
    this.#loop = new HotLoop(stubs.map(({ code }) => code));
    this.#target = target;
    try {
      this.#baseNs = this.classes.map((_, index) => {
        this.#timeNs(index, MOST_CALLS);
        return measureQuietly(() => this.#timeNs(index, MOST_CALLS)).value;
      });
      const sites = this.classes.map((floorClass, index) => ({
        floorClass,
        index,
        fileOffset: this.#loop.offsets[index] + stubs[index].siteOffset,
      }));
      target.attach(this.#loop.path, sites);
    } catch (error) {
      this.#loop[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * The floors now, in nanoseconds, by class: over batches of calls, the lower quartile of (time of the caller − time in the
   * handler − time unprobed) a call.
   *
   * @param known floors that are kept where the machine leaves no time to measure
   */
  measure(known: ReadonlyMap<FloorClass, number> = new Map()): Map<FloorClass, number> {
    return new Map(this.classes.map((floorClass, index) => {
      const calls = batchCalls(this.#timeNs(index, LEAST_CALLS));
      const { value, isQuiet } = measureQuietly(() => {
        const before = this.#target.handlerNs(index);
        const totalNs = this.#timeNs(index, calls);
        const handlerNs = (this.#target.handlerNs(index) - before) / calls;
        return totalNs - handlerNs - this.#baseNs[index];
      });
      const kept = isQuiet ? undefined : known.get(floorClass);
      return [floorClass, kept ?? Math.max(0, Math.round(value))];
    }));
  }

  /** Mean nanoseconds a call over one batch. */
  #timeNs(index: number, calls: number): number {
    const before = monotonicNs();
    this.#loop.run(index, calls);
    return Number(monotonicNs() - before) / calls;
  }

  [Symbol.dispose](): void {
    this.#loop[Symbol.dispose]();
  }
}
