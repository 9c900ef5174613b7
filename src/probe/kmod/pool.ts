/** The kernel module's pool: targets that this process owns, which come and go one by one. */
import { SbError } from "../../core/mod.ts";
import { histogramShift } from "../histogram.ts";
import type { ProbePlan } from "../model.ts";
import type { PoolAddOptions, PoolProbe, PoolScope, ProbePool } from "../pool.ts";
import { addCommand, removeCommand } from "./command.ts";
import { floorsOfSites } from "./floor.ts";
import { DescriptorPaths } from "./descriptor_paths.ts";
import { isGone, OwnedTargets } from "./owner.ts";
import { PoolFloors } from "./pool_floors.ts";
import { KmodPoolProbe, type PoolTargets } from "./pool_probe.ts";
import type { ScopeRow, TargetRow } from "./rows.ts";
import { SpeedBumpFiles } from "./sysfs.ts";
import { TargetWriter } from "./target_writer.ts";

/** How often the ends of trees are looked for, milliseconds. */
const EMPTY_POLL_MS = 50;
/** How often floors are measured again, milliseconds. */
const RECALIBRATION_MS = 10_000;

/** Opens a pool; nothing is added yet. @throws SbError `module.not_loaded`, `module.abi` */
export function openKmodPool(): ProbePool {
  return new KmodPool();
}

function scopeName(scope: PoolScope): string {
  return scope.kind === "tree" ? String(scope.pid) : scope.kind;
}

/** What the module has no way to do. @throws SbError `scope.unsupported`, `isolation.unavailable` */
function requirePossible({ scope, isolation }: PoolAddOptions): void {
  const hint = "Use the eBPF backend";
  if (scope.kind === "cgroup") {
    throw new SbError(
      "scope.unsupported",
      `Cannot slow the cgroup "${scope.path}": the kernel module knows trees and every process`,
      { hint },
    );
  }
  if (scope.kind === "tree" && scope.guarded) {
    throw new SbError(
      "scope.unsupported",
      `Cannot slow process ${scope.pid}: the kernel module cannot leave out programs that gain privilege`,
      { hint },
    );
  }
  if (isolation === "per-process") return;
  throw new SbError(
    "isolation.unavailable",
    "Cannot use the isolation shared: the kernel module gives breakpoints to processes, not to files",
    { hint: "Use the isolation per-process" },
  );
}

class KmodPool implements ProbePool, PoolTargets {
  readonly backend = "kmod";
  readonly writer: TargetWriter;
  readonly floors: PoolFloors;
  readonly #module = new SpeedBumpFiles();
  /** Starts the tags of this pool; another pid namespace may have one of the same process id. */
  readonly #prefix = `sb.${crypto.randomUUID().slice(0, 8)}`;
  readonly #owned: OwnedTargets;
  readonly #probes = new Set<KmodPoolProbe>();
  /** Root → forks that found no memory. */
  readonly #untracked = new Map<number, number>();
  #lastTag = 0;
  #timers: ReturnType<typeof setInterval>[] = [];
  /** What was read in this turn; a loop over many probes reads once. */
  #rows: ReadonlyMap<string, TargetRow> | undefined;
  #histograms: ReadonlyMap<number, ReadonlyMap<number, number>> | undefined;
  #scopes: readonly ScopeRow[] | undefined;
  #closed: Promise<void> | undefined;

  constructor() {
    this.#module.requireUsable();
    this.#owned = new OwnedTargets(this.#module, this.#prefix);
    this.writer = new TargetWriter(this.#module);
    this.floors = new PoolFloors(this.#module, this.#prefix);
  }

  get untracked(): number {
    this.#readScopes();
    return [...this.#untracked.values()].reduce((sum, forks) => sum + forks, 0);
  }

  // deno-lint-ignore require-await -- refusals are rejections
  async add(plans: readonly ProbePlan[], options: PoolAddOptions): Promise<PoolProbe[]> {
    if (this.#closed) throw new Error("the pool is closed");
    requirePossible(options);
    this.floors.prepare(plans);
    const others = this.#enabledIn(options.scope);
    const floors = floorsOfSites([...others.map(({ plan }) => plan), ...plans], this.floors.byClass)
      .slice(others.length);
    const added: KmodPoolProbe[] = [];
    using files = new DescriptorPaths();
    try {
      for (const [index, plan] of plans.entries()) {
        added.push(this.#addOne(plan, { ...options, files, floorsNs: floors[index] }));
      }
    } catch (error) {
      for (const { tag } of added) {
        this.writer.writeNow(removeCommand({ tag }), "undo the probes");
      }
      throw error;
    }
    for (const probe of added) this.#probes.add(probe);
    this.#forget();
    this.#startTimers();
    return added;
  }

  settled(): Promise<void> {
    return this.writer.settled();
  }

  row(tag: string): TargetRow | undefined {
    this.#rows ??= this.#reading(() => this.#owned.rows());
    return this.#rows.get(tag);
  }

  histogram(id: number): ReadonlyMap<number, number> | undefined {
    this.#histograms ??= this.#reading(() =>
      new Map(this.#module.readHistograms().map((row) => [row.id, row.counts]))
    );
    return this.#histograms.get(id);
  }

  members(root: number): number {
    const pids = this.#readScopes().filter(({ pid }) => pid === root).flatMap(({ members }) => members);
    // sb itself is in no tree, although it may descend from the root.
    return new Set(pids.filter((pid) => pid !== Deno.pid)).size;
  }

  changed(probe: KmodPoolProbe): void {
    this.#forget();
    if (probe.isRemoved) this.#probes.delete(probe);
    if (this.#probes.size === 0) this.#stopTimers();
    this.#giveFloors(probe.scope);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#stopTimers();
    await using undo = new AsyncDisposableStack();
    undo.use(this.floors);
    undo.defer(() => this.#owned.leave());
    undo.defer(() => this.#owned.removeAll());
    await this.writer.settled();
  }

  #addOne(
    plan: ProbePlan,
    { scope, paths, files, floorsNs }: PoolAddOptions & {
      files: DescriptorPaths;
      floorsNs: readonly number[];
    },
  ): KmodPoolProbe {
    const tag = `${this.#prefix}.${++this.#lastTag}`;
    const shift = histogramShift(this.#probes.size + 1);
    const command = addCommand(plan, {
      path: files.pathOf(paths?.get(plan.file.path) ?? plan.file.openPath),
      ...(scope.kind === "tree" ? { pid: scope.pid } : {}),
      owner: Deno.pid,
      tag,
      floorsNs,
      // Of a probe without a delay too: it may get one.
      histogram: shift === 4 ? 16 : 2,
    });
    this.writer.writeNow(command, `slow "${plan.target}"`);
    return new KmodPoolProbe(this, { plan, scope, tag, floorsNs, shift });
  }

  #enabledIn(scope: PoolScope): KmodPoolProbe[] {
    return [...this.#probes].filter((probe) =>
      probe.isEnabled && scopeName(probe.scope) === scopeName(scope)
    );
  }

  /** Of several probes of one site and scope the first enabled one carries the floor. */
  #giveFloors(scope: PoolScope): void {
    const probes = this.#enabledIn(scope);
    const floors = floorsOfSites(probes.map(({ plan }) => plan), this.floors.byClass);
    for (const [index, probe] of probes.entries()) {
      if (probe.floorsNs.every((ns, site) => ns === floors[index][site])) continue;
      whileThere(() => probe.giveFloors(floors[index]));
    }
  }

  #recalibrate(): void {
    whileThere(() => this.floors.measureAgain());
    const scopes = new Map([...this.#probes].map(({ scope }) => [scopeName(scope), scope]));
    for (const scope of scopes.values()) this.#giveFloors(scope);
  }

  #lookForEnds(): void {
    whileThere(() => {
      for (const probe of this.#probes) if (probe.members === 0) probe.settleEmptied();
    });
  }

  #startTimers(): void {
    if (this.#timers.length > 0 || this.#probes.size === 0) return;
    this.#timers = [
      setInterval(() => this.#lookForEnds(), EMPTY_POLL_MS),
      setInterval(() => this.#recalibrate(), RECALIBRATION_MS),
    ];
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #readScopes(): readonly ScopeRow[] {
    this.#scopes ??= this.#reading(() => {
      const scopes = this.#module.readScopes();
      for (const { pid, untracked } of scopes) {
        this.#untracked.set(pid, Math.max(untracked, this.#untracked.get(pid) ?? 0));
      }
      return scopes;
    });
    return this.#scopes;
  }

  #reading<T>(read: () => T): T {
    queueMicrotask(() => this.#forget());
    return read();
  }

  #forget(): void {
    this.#rows = undefined;
    this.#histograms = undefined;
    this.#scopes = undefined;
  }
}

/** Somebody may remove a target or unload the module: the figures will say it. */
function whileThere(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
