/** A probe on the machine in memory: its schedule, hit by hit, and what was counted. */
import { type FloorClass, floorClassOf, siteKey } from "../floor.ts";
import { bucketOf } from "../histogram.ts";
import type { ProbePlan, ProbeStatistics } from "../model.ts";
import { toStatistics, type Totals } from "../statistics.ts";
import type { FakeMachine, Watcher } from "./machine.ts";
import { type Decision, ScheduleModel } from "./schedule.ts";

/** What a trap costs on this machine, nanoseconds. */
const EMULATED_NS = 600;
const FLOORS_NS: Partial<Record<FloorClass, number>> = { nop5: 300, stepped: 3500, trampoline: 1200 };

/** What a trap at a plan's site costs. */
export function fakeFloorNs(plan: ProbePlan): number {
  return FLOORS_NS[floorClassOf(plan, 0)] ?? EMULATED_NS;
}

/** A name for a plan's first breakpoint: of several probes with one, the first carries the floor. */
export function fakeSiteKey(plan: ProbePlan): string {
  return siteKey(plan, plan.attach === "trampoline" ? plan.functionOffset : plan.sites[0].fileOffset);
}

function nothing(): Omit<Totals, "counts"> {
  return {
    hits: 0,
    delayed: 0,
    cut: 0,
    misses: 0,
    clipped: 0,
    addedNs: 0,
    overheadNs: 0,
    minNs: Number.MAX_SAFE_INTEGER,
    maxNs: 0,
  };
}

/** How a probe counts. */
export interface FakeProbeOptions {
  /** 0 where another probe of the site carries the floor. */
  floorNs: number;
  /** Buckets an octave, as a power of two. */
  shift: number;
  /** Whose delays end together. */
  watcher: Watcher;
}

/** The probe; who is in its scope is its owner's concern. */
export class FakeProbe {
  plan: ProbePlan;
  floorNs: number;
  /** Executions out of scope that trapped. */
  outside = 0;
  readonly #machine: FakeMachine;
  readonly #options: FakeProbeOptions;
  readonly #counts = new Map<number, number>();
  readonly #totals = nothing();
  #schedule: ScheduleModel | undefined;

  constructor(machine: FakeMachine, plan: ProbePlan, options: FakeProbeOptions) {
    this.plan = plan;
    this.floorNs = options.floorNs;
    this.#machine = machine;
    this.#options = options;
  }

  /** Windows are counted from the first time. */
  goLive(): void {
    this.#schedule ??= new ScheduleModel(this.plan.spec, {
      windowBaseNs: this.#machine.nowNs,
      random: this.#machine.random,
    });
  }

  /** Another specification. @param restarts what begins anew */
  reschedule(plan: ProbePlan, restarts: { hits: boolean; times: boolean; window: boolean }): void {
    this.plan = plan;
    this.#schedule?.change(plan.spec, {
      ...restarts,
      ...(restarts.window ? { windowBaseNs: this.#machine.nowNs } : {}),
    });
  }

  /** An execution that traps. @returns when it goes on; undefined when it has */
  execute(pid: number, inScope: boolean): Promise<void> | undefined {
    this.#machine.nowNs += this.floorNs;
    if (!inScope) this.outside++;
    if (!inScope || !this.#schedule) return undefined;
    const decision = this.#schedule.decide(this.#machine.nowNs);
    return decision.isHit ? this.#suffer(pid, decision) : undefined;
  }

  statistics(): ProbeStatistics {
    const sorted = [...this.#counts].sort(([x], [y]) => x - y);
    return toStatistics({ ...this.#totals, counts: sorted }, this.#options.shift);
  }

  #suffer(pid: number, decision: Decision): Promise<void> | undefined {
    const { floorNs } = this;
    const totals = this.#totals;
    totals.hits++;
    if (decision.isClipped) totals.clipped++;
    if (decision.delayNs === null) {
      totals.overheadNs += floorNs;
      return undefined;
    }
    const spunNs = this.plan.spec.compensate ? Math.max(0, decision.delayNs - floorNs) : decision.delayNs;
    const account = (isCut: boolean) => {
      totals.delayed++;
      if (isCut) totals.cut++;
      else this.#add(spunNs + floorNs);
    };
    const end = this.#machine.delay(pid, spunNs, this.#options.watcher);
    if (typeof end !== "boolean") return end.then(account);
    account(end);
    return undefined;
  }

  #add(addedNs: number): void {
    const totals = this.#totals;
    totals.addedNs += addedNs;
    totals.minNs = Math.min(totals.minNs, addedNs);
    totals.maxNs = Math.max(totals.maxNs, addedNs);
    const bucket = bucketOf(addedNs, this.#options.shift);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
  }
}
