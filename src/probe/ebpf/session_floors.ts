/** The floors of a session, measured with its own program and kept in its header: of delayed hits, or of counted ones. */
import { type CalibrationTarget, type FloorClass, floorClassNumber, FloorMeter } from "../floor.ts";
import type { ProbeSpec } from "../model.ts";
import { CALIBRATION_SPEC } from "./calibration.ts";
import type { ConfigMemory } from "./config_memory.ts";

/** What hits are: a program leaves a counted hit sooner, so that its floor is some 20 to 60 ns lower. */
export type HitKind = "delayed" | "counted";

/** What counts and does nothing else. */
export const COUNT_SPEC: ProbeSpec = { ...CALIBRATION_SPEC, delay: { kind: "fixed", ns: 0 } };

/** How floors are measured. */
export interface SessionFloorOptions {
  /** Slots from here on are those of the stubs. */
  firstSlot: number;
  /** What is measured, the kind in use first. */
  kinds: readonly HitKind[];
  /** Probes the stubs, each in its slot. */
  attach: CalibrationTarget["attach"];
  /** Sum of the time that hits of a slot spent in the program, nanoseconds. */
  handlerNs(slot: number): number;
}

/** A floor that was measured so many times higher than before is measured once more: what disturbs lasts some milliseconds. */
const RISE = 1.1;

/** The lower of two measurements, by class. */
function lowerOf(
  one: ReadonlyMap<FloorClass, number>,
  other: ReadonlyMap<FloorClass, number>,
): Map<FloorClass, number> {
  return new Map([...one].map(([floorClass, ns]) => [floorClass, Math.min(ns, other.get(floorClass) ?? ns)]));
}

/** Measures floors and writes those of the kind in use. */
export class SessionFloors implements Disposable {
  readonly #config: ConfigMemory;
  readonly #options: SessionFloorOptions;
  readonly #meter: FloorMeter;
  readonly #measured = new Map<HitKind, ReadonlyMap<FloorClass, number>>();
  #kind: HitKind;
  #isSettled = false;

  /** Attaches to the stubs and measures. @throws SbError `kernel.refused` */
  constructor(config: ConfigMemory, classes: readonly FloorClass[], options: SessionFloorOptions) {
    this.#config = config;
    this.#options = options;
    this.#kind = options.kinds[0];
    this.#meter = new FloorMeter(classes, {
      attach: (path, sites) => {
        this.#writeSlots(sites.length, this.#kind);
        options.attach(path, sites);
      },
      handlerNs: (index) => options.handlerNs(options.firstSlot + index),
    });
    try {
      for (const kind of options.kinds) this.#measured.set(kind, this.#measureKind(kind));
      this.#write();
    } catch (error) {
      this.#meter[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether a class can be measured here. */
  knows(floorClass: FloorClass): boolean {
    return this.#meter.classes.includes(floorClass);
  }

  /** The floors of this kind are in use from now on. */
  use(kind: HitKind): void {
    this.#kind = kind;
    this.#write();
  }

  /** Measures those in use again, and uses what was found: a floor that has risen only when it does so twice. */
  measure(): void {
    const before = this.#measured.get(this.#kind);
    const found = this.#measureKind(this.#kind, before);
    const hasRisen = [...found].some(([name, ns]) => ns > RISE * (before?.get(name) ?? Infinity));
    this.#measured.set(this.#kind, hasRisen ? lowerOf(found, this.#measureKind(this.#kind, before)) : found);
    this.#write();
  }

  /** Measures a second time, a while after the first, and keeps the lower: what disturbs lasts some milliseconds. */
  settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    for (const [kind, first] of this.#measured) {
      this.#measured.set(kind, lowerOf(this.#measureKind(kind, first), first));
    }
    this.#write();
  }

  #measureKind(kind: HitKind, known?: ReadonlyMap<FloorClass, number>): Map<FloorClass, number> {
    this.#writeSlots(this.#meter.classes.length, kind);
    return this.#meter.measure(known);
  }

  #writeSlots(count: number, kind: HitKind): void {
    for (let slot = this.#options.firstSlot; slot < this.#options.firstSlot + count; slot++) {
      this.#config.writeSlot(slot, kind === "delayed" ? CALIBRATION_SPEC : COUNT_SPEC);
      this.#config.setSlot(slot, "windowBase", 1n);
    }
  }

  #write(): void {
    for (const [floorClass, ns] of this.#measured.get(this.#kind) ?? []) {
      this.#config.setFloor(floorClassNumber(floorClass), ns);
    }
  }

  [Symbol.dispose](): void {
    this.#meter[Symbol.dispose]();
  }
}
