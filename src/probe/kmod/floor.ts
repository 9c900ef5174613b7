/** Floors with the kernel module: its own targets on the stubs of calibration, and what they give for plans. */
import { type CalibrationTarget, type FloorClass, floorClassOf, FloorMeter, siteKey } from "../floor.ts";
import type { ProbePlan } from "../model.ts";
import { removeCommand, updateCommand } from "./command.ts";
import type { SpeedBumpFiles } from "./sysfs.ts";

/** The delay of calibration's hits, nanoseconds: long enough that they take the delayed path, short enough to be quick. */
const CALIBRATION_DELAY_NS = 1000;

/** How a meter is opened. */
export interface ModuleMeterOptions {
  /** Starts the tags of its targets; unique. */
  prefix: string;
  /** Whether its hits are delayed, to begin with. */
  isTimed: boolean;
  /** Number of its first tag, where several meters share a prefix. */
  first?: number;
}

/** The targets on the stubs, one a class. Nobody else maps the stubs' file, so that they need no scope. */
class StubTargets implements CalibrationTarget {
  readonly #module: SpeedBumpFiles;
  readonly #options: ModuleMeterOptions;
  readonly #indexes: number[] = [];
  #isTimed: boolean;

  constructor(module: SpeedBumpFiles, options: ModuleMeterOptions) {
    this.#module = module;
    this.#options = options;
    this.#isTimed = options.isTimed;
  }

  /** Whether hits are delayed from now on. */
  set isTimed(isTimed: boolean) {
    if (isTimed === this.#isTimed) return;
    this.#isTimed = isTimed;
    for (const index of this.#indexes) {
      const command = updateCommand({ tag: this.#tag(index) }, { kind: "fixed", ns: this.#delayNs });
      this.#module.writeCommand(command, { what: "measure floors" });
    }
  }

  get #delayNs(): number {
    return this.#isTimed ? CALIBRATION_DELAY_NS : 0;
  }

  attach(
    path: string,
    sites: readonly { floorClass: FloorClass; fileOffset: number; index: number }[],
  ): void {
    for (const { floorClass, fileOffset, index } of sites) {
      const command = [
        `+${path}:calibration`,
        String(this.#delayNs),
        `offset=0x${fileOffset.toString(16)}`,
        ...(floorClass === "trampoline" ? ["at=return"] : []),
        `owner=${Deno.pid}`,
        `tag=${this.#tag(index)}`,
      ].join(" ");
      this.#module.writeCommand(command, { what: `measure the floor of ${floorClass} sites` });
      this.#indexes.push(index);
    }
  }

  handlerNs(index: number): number {
    const tag = this.#tag(index);
    return this.#module.readTargets().find((row) => row.tag === tag)?.addedNs ?? 0;
  }

  #tag(index: number): string {
    return `${this.#options.prefix}.floor${(this.#options.first ?? 0) + index}`;
  }
}

/** A meter on the module's own way of probing. Its targets are owned by sb; the caller removes them, by their tags. */
export class ModuleMeter extends FloorMeter {
  readonly #stubs: StubTargets;

  /** @throws SbError */
  constructor(module: SpeedBumpFiles, classes: readonly FloorClass[], options: ModuleMeterOptions) {
    const stubs = new StubTargets(module, options);
    super(classes, stubs);
    this.#stubs = stubs;
  }

  /** The floors of hits that are delayed, or of those that are only counted: these queue no work for the way back. */
  measureHits(isTimed: boolean, known?: ReadonlyMap<FloorClass, number>): Map<FloorClass, number> {
    this.#stubs.isTimed = isTimed;
    return this.measure(known);
  }
}

/**
 * The floors of each plan's sites, in their order. Of several plans on one site the first carries the floor; classes that
 * cannot be measured here have none.
 */
export function floorsOfSites(
  plans: readonly ProbePlan[],
  floors: ReadonlyMap<FloorClass, number>,
): number[][] {
  const seen = new Set<string>();
  return plans.map((plan) => {
    const offsets = plan.attach === "trampoline"
      ? [plan.functionOffset]
      : plan.sites.map(({ fileOffset }) => fileOffset);
    return offsets.map((fileOffset, index) => {
      const key = siteKey(plan, fileOffset);
      const isFirst = !seen.has(key);
      seen.add(key);
      return isFirst ? floors.get(floorClassOf(plan, index)) ?? 0 : 0;
    });
  });
}

/** Measures the floors of these classes once and leaves nothing behind. @throws SbError */
export function measureModuleFloors(
  module: SpeedBumpFiles,
  classes: readonly FloorClass[],
): Map<FloorClass, number> {
  const prefix = `sb.${crypto.randomUUID().slice(0, 8)}`;
  using undo = new DisposableStack();
  undo.defer(() => removeTagged(module, prefix));
  return undo.use(new ModuleMeter(module, classes, { prefix, isTimed: true })).measure();
}

/** Removes the targets whose tags start so. */
export function removeTagged(module: SpeedBumpFiles, prefix: string): void {
  for (const { tag } of module.readTargets()) {
    if (!tag?.startsWith(`${prefix}.`)) continue;
    module.writeCommand(removeCommand({ tag }), { what: "undo the probes" });
  }
}
