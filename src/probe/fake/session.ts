/** The fake backend: probes of one session on a machine in memory, for tests without a kernel. */
import type { Attachment, BackendOptions, BackendSession, ForkNews } from "../backend.ts";
import { type FloorClass, floorClassOf, siteKey } from "../floor.ts";
import { bucketOf, histogramShift } from "../histogram.ts";
import type { BystanderCost, Floor, ProbePlan, ProbeStatistics } from "../model.ts";
import { toStatistics, type Totals } from "../statistics.ts";
import type { FakeMachine, Watcher } from "./machine.ts";
import { type Decision, ScheduleModel } from "./schedule.ts";

/** What a trap costs on this machine, nanoseconds. */
const EMULATED_NS = 600;
const FLOORS_NS: Partial<Record<FloorClass, number>> = { nop5: 300, stepped: 3500, trampoline: 1200 };

/** A probe and what was counted of it. */
interface FakeProbe {
  plan: ProbePlan;
  floorNs: number;
  schedule: ScheduleModel | undefined;
  counts: Map<number, number>;
  outside: number;
  totals: Omit<Totals, "counts">;
}

function nothing(): FakeProbe["totals"] {
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

/** Opens a session on the machine. */
export function openFakeSession(
  machine: FakeMachine,
  plans: readonly ProbePlan[],
  options: BackendOptions,
): BackendSession {
  return new FakeSession(machine, plans, options);
}

class FakeSession implements BackendSession, Watcher {
  readonly backend = "fake";
  readonly entryCall = null;
  readonly armsForks = true;
  readonly untracked = 0;
  readonly #machine: FakeMachine;
  readonly #options: BackendOptions;
  readonly #probes: readonly FakeProbe[];
  readonly #tree = new Set<number>();
  readonly #watching: Disposable;
  readonly #shift: number;
  #isAttached = false;
  #isCancelled = false;

  constructor(machine: FakeMachine, plans: readonly ProbePlan[], options: BackendOptions) {
    const seen = new Set<string>();
    this.#machine = machine;
    this.#options = options;
    this.#shift = histogramShift(plans.length);
    this.#probes = plans.map((plan) => {
      const key = siteKey(
        plan,
        plan.attach === "trampoline" ? plan.functionOffset : plan.sites[0].fileOffset,
      );
      const floorNs = seen.has(key) ? 0 : FLOORS_NS[floorClassOf(plan, 0)] ?? EMULATED_NS;
      seen.add(key);
      return { plan, floorNs, schedule: undefined, counts: new Map(), outside: 0, totals: nothing() };
    });
    this.#watching = machine.watch(this);
  }

  get floors(): readonly Floor[] {
    return this.#probes.map(({ floorNs }) => ({ ns: floorNs, source: "calibrated" }));
  }

  enterTree(scan: () => readonly number[]): void {
    for (const pid of scan()) if (this.#machine.isRunning(pid)) this.#tree.add(pid);
  }

  members(): number[] {
    return [...this.#tree];
  }

  nextForks(): Promise<ForkNews[] | null> {
    return Promise.resolve(null);
  }

  attach(): Attachment {
    const { nowNs: windowBaseNs, random } = this.#machine;
    for (const probe of this.#probes) {
      probe.schedule ??= new ScheduleModel(probe.plan.spec, { windowBaseNs, random });
    }
    this.#isAttached = true;
    return {
      detach: () => {
        this.#isAttached = false;
        return Promise.resolve();
      },
    };
  }

  recalibrate(): void {
    // Its traps always cost the same.
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#machine.cutDelaysOf(this);
  }

  statistics(): ProbeStatistics[] {
    return this.#probes.map(({ totals, counts }) => {
      const sorted = [...counts].sort(([x], [y]) => x - y);
      return toStatistics({ ...totals, counts: sorted }, this.#shift);
    });
  }

  bystanders(): Omit<BystanderCost, "processes"> {
    return {
      hits: this.#probes.reduce((sum, { outside }) => sum + outside, 0),
      costNs: this.#probes.reduce((sum, { outside, floorNs }) => sum + outside * floorNs, 0),
    };
  }

  forked(parent: number, child: number): void {
    if (this.#tree.has(parent)) this.#tree.add(child);
  }

  exited(pid: number): void {
    this.#tree.delete(pid);
  }

  called(pid: number, symbol: string): Promise<void> | undefined {
    if (!this.#isAttached) return undefined;
    let before: Promise<void> | undefined;
    for (const probe of this.#probes) {
      if (probe.plan.symbol !== symbol) continue;
      if (before) before = before.then(() => this.#execute(pid, probe));
      else before = this.#execute(pid, probe);
    }
    return before;
  }

  #execute(pid: number, probe: FakeProbe): Promise<void> | undefined {
    const isMember = this.#tree.has(pid);
    if (!isMember && !this.#options.filter) return undefined;
    this.#machine.nowNs += probe.floorNs;
    if (!isMember) probe.outside++;
    if (!isMember || this.#isCancelled || !probe.schedule) return undefined;
    const decision = probe.schedule.decide(this.#machine.nowNs);
    if (!decision.isHit) return undefined;
    return this.#suffer(pid, probe, decision);
  }

  #suffer(
    pid: number,
    { plan, floorNs, totals, counts }: FakeProbe,
    decision: Decision,
  ): Promise<void> | undefined {
    totals.hits++;
    if (decision.isClipped) totals.clipped++;
    if (decision.delayNs === null) {
      totals.overheadNs += floorNs;
      return undefined;
    }
    const spunNs = plan.spec.compensate ? Math.max(0, decision.delayNs - floorNs) : decision.delayNs;
    const account = (isCut: boolean) => {
      totals.delayed++;
      if (isCut) {
        totals.cut++;
        return;
      }
      const addedNs = spunNs + floorNs;
      totals.addedNs += addedNs;
      totals.minNs = Math.min(totals.minNs, addedNs);
      totals.maxNs = Math.max(totals.maxNs, addedNs);
      const bucket = bucketOf(addedNs, this.#shift);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    };
    const end = this.#machine.delay(pid, spunNs, this);
    if (typeof end !== "boolean") return end.then(account);
    account(end);
    return undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.cancel();
    this.#watching[Symbol.dispose]();
    return Promise.resolve();
  }
}
