/** The floors of the module's pool: classes are measured when a probe first needs them, and again now and then. */
import { type FloorClass, floorClassesOf, type FloorMeter } from "../floor.ts";
import type { ProbePlan } from "../model.ts";
import { ModuleMeter } from "./floor.ts";
import type { SpeedBumpFiles } from "./sysfs.ts";

/** Floors by class. Disposing gives the stubs back; their targets go with the pool's others. */
export class PoolFloors implements Disposable {
  readonly #module: SpeedBumpFiles;
  readonly #prefix: string;
  readonly #meters: FloorMeter[] = [];
  /** Classes that were asked for; some cannot be measured here. */
  readonly #known = new Set<FloorClass>();
  readonly #floors = new Map<FloorClass, number>();

  /** @param prefix starts the tags of the targets on the stubs */
  constructor(module: SpeedBumpFiles, prefix: string) {
    this.#module = module;
    this.#prefix = prefix;
  }

  /** Nanoseconds by class, of those that could be measured. */
  get byClass(): ReadonlyMap<FloorClass, number> {
    return this.#floors;
  }

  /** Measures what these plans need and no plan before. @throws SbError */
  prepare(plans: readonly ProbePlan[]): void {
    const classes = floorClassesOf(plans).filter((floorClass) => !this.#known.has(floorClass));
    if (classes.length === 0) return;
    const meter = new ModuleMeter(this.#module, classes, {
      prefix: this.#prefix,
      isTimed: true,
      first: this.#known.size,
    });
    this.#meters.push(meter);
    for (const floorClass of classes) this.#known.add(floorClass);
    // What disturbs a measurement only ever makes it longer.
    const [one, other] = [meter.measure(), meter.measure()];
    for (const [floorClass, ns] of one) {
      this.#floors.set(floorClass, Math.min(ns, other.get(floorClass) ?? ns));
    }
  }

  /** Measures all of them again. @throws SbError */
  measureAgain(): void {
    for (const meter of this.#meters) {
      for (const [floorClass, ns] of meter.measure()) this.#floors.set(floorClass, ns);
    }
  }

  [Symbol.dispose](): void {
    for (const meter of this.#meters) meter[Symbol.dispose]();
  }
}
