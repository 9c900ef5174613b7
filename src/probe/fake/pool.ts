/** The fake pool: probes that come and go on a machine in memory, for tests without a kernel. */
import { SbError } from "../../core/mod.ts";
import type { Floor, ProbePlan, ProbeStatistics } from "../model.ts";
import type { PoolAddOptions, PoolProbe, PoolScope, ProbeChange, ProbePool } from "../pool.ts";
import { changeSpec, restartsOf } from "../change.ts";
import { histogramShift } from "../histogram.ts";
import { NEVER_LATE } from "../late.ts";
import type { FakeMachine, Watcher } from "./machine.ts";
import { fakeFloorNs, FakeProbe, fakeSiteKey } from "./probe.ts";

/** Opens a pool on the machine. */
export function openFakePool(machine: FakeMachine): ProbePool {
  return new FakePool(machine);
}

class FakePool implements ProbePool {
  readonly backend = "fake";
  readonly untracked = 0;
  readonly #machine: FakeMachine;
  readonly #probes = new Set<FakePoolProbe>();

  constructor(machine: FakeMachine) {
    this.#machine = machine;
  }

  add(plans: readonly ProbePlan[], options: PoolAddOptions): Promise<PoolProbe[]> {
    return Promise.resolve().then(() => {
      const { scope, isolation } = options;
      if (scope.kind !== "tree" && isolation === "per-process") {
        throw new SbError("isolation.unavailable", "Cannot isolate per process: the scope is no tree", {
          hint: "Use the isolation shared",
        });
      }
      const members = scope.kind === "tree"
        ? scope.scan().filter((pid) => this.#machine.isRunning(pid))
        : null;
      if (scope.kind === "tree" && members?.length === 0) {
        throw new SbError("process.not_found", `Cannot follow process ${scope.pid}: it has ended`, {
          hint: "List the processes: ps -e",
        });
      }
      for (const plan of plans) requireInFile(plan);
      return plans.map((plan) => this.#addOne(plan, { ...options, members }));
    });
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const probe of [...this.#probes]) await probe.remove();
  }

  #addOne(plan: ProbePlan, options: PoolAddOptions & { members: readonly number[] | null }): FakePoolProbe {
    const probe: FakePoolProbe = new FakePoolProbe(this.#machine, plan, {
      ...options,
      shift: histogramShift(this.#probes.size + 1),
      changed: () => {
        if (probe.isRemoved) this.#probes.delete(probe);
        this.#shareFloors();
      },
    });
    this.#probes.add(probe);
    this.#shareFloors();
    return probe;
  }

  /** Of several probes of one site and scope the first enabled one carries the floor. */
  #shareFloors(): void {
    const seen = new Set<string>();
    for (const probe of this.#probes) {
      if (!probe.isEnabled) continue;
      const key = `${fakeSiteKey(probe.plan)} ${probe.scopeName}`;
      probe.carryFloor(!seen.has(key));
      seen.add(key);
    }
  }
}

function nameOf(scope: PoolScope): string {
  return scope.kind === "tree" ? `tree ${scope.pid}` : scope.kind === "cgroup" ? scope.path : "all";
}

/** A kernel refuses a breakpoint beyond the file's end. */
function requireInFile({ target, sites, file }: ProbePlan): void {
  const beyond = sites.find(({ fileOffset }) => fileOffset >= file.sizeBytes);
  if (!beyond) return;
  throw new SbError(
    "kernel.refused",
    `Cannot slow "${target}": the breakpoint is beyond the end of the file`,
    {
      data: { errno: "EINVAL" },
    },
  );
}

class FakePoolProbe implements PoolProbe, Watcher {
  readonly late = NEVER_LATE;
  readonly isolation;
  readonly replaced = false;
  readonly emptied: Promise<void>;
  readonly #machine: FakeMachine;
  readonly #scope: PoolScope;
  readonly #probe: FakeProbe;
  readonly #tree: Set<number> | null;
  readonly #watching: Disposable;
  readonly #changed: () => void;
  #settleEmptied!: () => void;
  #isEnabled = true;
  #isRemoved = false;

  constructor(
    machine: FakeMachine,
    plan: ProbePlan,
    options: PoolAddOptions & {
      shift: number;
      members: readonly number[] | null;
      /** It was switched on or off, or removed. */
      changed: () => void;
    },
  ) {
    this.isolation = options.isolation;
    this.emptied = new Promise((resolve) => this.#settleEmptied = resolve);
    this.#machine = machine;
    this.#scope = options.scope;
    this.#tree = options.members && new Set(options.members);
    this.#changed = options.changed;
    this.#probe = new FakeProbe(machine, plan, { ...options, floorNs: fakeFloorNs(plan), watcher: this });
    this.#probe.goLive();
    this.#watching = machine.watch(this);
  }

  get plan(): ProbePlan {
    return this.#probe.plan;
  }

  get floor(): Floor {
    return { ns: this.#probe.floorNs, source: "calibrated" };
  }

  get scopeName(): string {
    return nameOf(this.#scope);
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  get outside(): number {
    return this.#probe.outside;
  }

  get members(): number | null {
    return this.#tree && this.#tree.size;
  }

  update(change: ProbeChange): Promise<void> {
    return this.#whileThere(() => {
      const spec = changeSpec(this.plan.spec, change);
      if (change.delay) this.#machine.cutDelaysOf(this);
      this.#probe.reschedule({ ...this.plan, spec }, restartsOf(change));
    });
  }

  setEnabled(enabled: boolean): Promise<void> {
    return this.#whileThere(() => {
      this.#isEnabled = enabled;
      if (!enabled) this.#machine.cutDelaysOf(this);
      this.#changed();
    });
  }

  carryFloor(carries: boolean): void {
    this.#probe.floorNs = carries ? fakeFloorNs(this.plan) : 0;
  }

  statistics(): ProbeStatistics {
    this.#requireThere();
    return this.#probe.statistics();
  }

  remove(): Promise<ProbeStatistics> {
    return this.#whileThere(() => {
      this.#isRemoved = true;
      this.#watching[Symbol.dispose]();
      this.#machine.cutDelaysOf(this);
      this.#changed();
      return this.#probe.statistics();
    });
  }

  forked(parent: number, child: number): void {
    if (this.#tree?.has(parent)) this.#tree.add(child);
  }

  exited(pid: number): void {
    this.#leave(pid);
  }

  executed(pid: number, { gains }: { gains: boolean }): void {
    if (gains && this.#scope.kind === "tree" && this.#scope.guarded) this.#leave(pid);
  }

  called(pid: number, symbol: string): Promise<void> | undefined {
    if (!this.#isEnabled || symbol !== this.plan.symbol) return undefined;
    const inScope = this.#has(pid);
    return inScope || this.isolation === "shared" ? this.#probe.execute(pid, inScope) : undefined;
  }

  #has(pid: number): boolean {
    if (this.#scope.kind === "all") return true;
    if (this.#scope.kind === "tree") return this.#tree?.has(pid) === true;
    const cgroup = this.#machine.cgroupOf(pid);
    return cgroup === this.#scope.path || cgroup.startsWith(`${this.#scope.path}/`);
  }

  #leave(pid: number): void {
    if (this.#tree?.delete(pid) && this.#tree.size === 0) this.#settleEmptied();
  }

  #requireThere(): void {
    if (!this.#isRemoved) return;
    throw new SbError("probe.not_found", `Cannot use the probe of "${this.plan.target}": it was removed`);
  }

  #whileThere<T>(act: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      this.#requireThere();
      return act();
    });
  }
}
