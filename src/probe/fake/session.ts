/** The fake backend: probes of one session on a machine in memory, for tests without a kernel. */
import type { Attachment, BackendOptions, BackendSession, ForkNews } from "../backend.ts";
import { histogramShift } from "../histogram.ts";
import type { BystanderCost, Floor, ProbePlan, ProbeStatistics } from "../model.ts";
import type { FakeMachine, Watcher } from "./machine.ts";
import { fakeFloorNs, FakeProbe, fakeSiteKey } from "./probe.ts";

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
  #probes: readonly FakeProbe[];
  readonly #tree = new Set<number>();
  readonly #watching: Disposable;
  #isAttached = false;
  #isCancelled = false;

  constructor(machine: FakeMachine, plans: readonly ProbePlan[], options: BackendOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#probes = this.#probesOf(plans);
    this.#watching = machine.watch(this);
  }

  #probesOf(plans: readonly ProbePlan[]): FakeProbe[] {
    const seen = new Set<string>();
    const shift = histogramShift(plans.length);
    return plans.map((plan) => {
      const key = fakeSiteKey(plan);
      const floorNs = seen.has(key) ? 0 : fakeFloorNs(plan);
      seen.add(key);
      return new FakeProbe(this.#machine, plan, { floorNs, shift, watcher: this });
    });
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

  begin(delayNs: number): Promise<void> {
    this.cancel();
    this.#tree.clear();
    this.#probes = this.#probesOf(
      this.#probes.map(({ plan }) => ({
        ...plan,
        spec: { ...plan.spec, delay: { kind: "fixed", ns: delayNs } },
      })),
    );
    this.#isCancelled = false;
    if (this.#isAttached) { for (const probe of this.#probes) probe.goLive(); }
    return Promise.resolve();
  }

  attach(): Attachment {
    for (const probe of this.#probes) probe.goLive();
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
    return this.#probes.map((probe) => probe.statistics());
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
    if (!this.#isAttached || this.#isCancelled) return undefined;
    const isMember = this.#tree.has(pid);
    if (!isMember && !this.#options.filter) return undefined;
    let before: Promise<void> | undefined;
    for (const probe of this.#probes) {
      if (probe.plan.symbol !== symbol) continue;
      if (before) before = before.then(() => probe.execute(pid, isMember));
      else before = probe.execute(pid, isMember);
    }
    return before;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.cancel();
    this.#watching[Symbol.dispose]();
    return Promise.resolve();
  }
}
