/** The kernel module's backend: the targets of one session, and their figures. */
import { SbError } from "../../core/mod.ts";
import type { Attachment, AttachPaths, BackendOptions, BackendSession, ForkNews } from "../backend.ts";
import { type FloorClass, floorClassesOf, floorClassOf } from "../floor.ts";
import { histogramShift } from "../histogram.ts";
import type { BystanderCost, Floor, ProbePlan, ProbeStatistics } from "../model.ts";
import { isTimed } from "../spec.ts";
import { addCommand, removeCommand, switchCommand, updateCommand } from "./command.ts";
import { figuresOf, goneTarget } from "./figures.ts";
import { floorsOfSites, ModuleMeter, removeTagged } from "./floor.ts";
import { DescriptorPaths } from "./descriptor_paths.ts";
import { isGone, OwnedTargets } from "./owner.ts";
import type { TargetRow } from "./rows.ts";
import { SpeedBumpFiles } from "./sysfs.ts";

/** Opens the module's session for these probes; nothing is added yet but what calibration needs. @throws SbError */
export function openKmodSession(
  plans: readonly ProbePlan[],
  options: Pick<BackendOptions, "repeats"> = {},
): BackendSession {
  return new KmodSession(plans, options);
}

class KmodSession implements BackendSession {
  readonly backend = "kmod";
  readonly entryCall = null;
  readonly armsForks = true;
  #plans: readonly ProbePlan[];
  readonly #module = new SpeedBumpFiles();
  /** Starts the tags of this session; another pid namespace may have a session of the same process id. */
  readonly #prefix = `sb.${crypto.randomUUID().slice(0, 8)}`;
  readonly #targets: OwnedTargets;
  readonly #meter: ModuleMeter;
  readonly #shift: 1 | 4;
  readonly #repeats: boolean;
  /** Whether some hits are delayed. */
  #isTimed: boolean;
  /** Floors of delayed hits (true) and of counted ones (false), as far as they are needed. */
  readonly #measured = new Map<boolean, ReadonlyMap<FloorClass, number>>();
  /** Plans whose targets are there. */
  readonly #added = new Set<number>();
  #root: number | undefined;
  #untracked = 0;
  #isSettled = false;
  #isCancelled = false;
  #cancelling: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(plans: readonly ProbePlan[], { repeats = false }: Pick<BackendOptions, "repeats">) {
    this.#module.requireUsable();
    this.#plans = plans;
    this.#repeats = repeats;
    this.#isTimed = plans.some(({ spec }) => isTimed(spec));
    this.#shift = histogramShift(plans.length);
    this.#targets = new OwnedTargets(this.#module, this.#prefix);
    using undo = new DisposableStack();
    undo.defer(() => this.#targets.leave());
    undo.defer(() => removeTagged(this.#module, this.#prefix));
    this.#meter = undo.use(
      new ModuleMeter(this.#module, floorClassesOf(plans), { prefix: this.#prefix, isTimed: this.#isTimed }),
    );
    this.#measure(this.#kinds);
    undo.move();
  }

  /** Whether hits are delayed, in runs of this session. */
  get #kinds(): boolean[] {
    return this.#repeats ? [true, false] : [this.#isTimed];
  }

  get #floors(): ReadonlyMap<FloorClass, number> {
    return this.#measured.get(this.#isTimed) ?? new Map();
  }

  #measure(kinds: readonly boolean[]): void {
    for (const kind of kinds) {
      this.#measured.set(kind, this.#meter.measureHits(kind, this.#measured.get(kind)));
    }
  }

  get floors(): readonly Floor[] {
    return floorsOfSites(this.#plans, this.#floors).map(([ns], index) => ({
      ns,
      source: this.#floors.has(floorClassOf(this.#plans[index], 0)) ? "calibrated" : "unknown",
    }));
  }

  get untracked(): number {
    this.#readMembers();
    return this.#untracked;
  }

  enterTree(scan: () => readonly number[]): void {
    // The module finds the descendants itself, those of forks that happen meanwhile too.
    this.#root = scan().at(0);
  }

  members(): number[] {
    if (this.#added.size > 0) return this.#readMembers();
    return this.#root === undefined ? [] : [this.#root];
  }

  nextForks(): Promise<ForkNews[] | null> {
    return Promise.resolve(null);
  }

  attach(paths: AttachPaths): Attachment {
    if (this.#root === undefined) {
      throw new SbError("process.not_found", "Cannot attach: the process has ended", {
        hint: "List the processes: ps -e",
      });
    }
    if (!this.#isSettled) this.#settleFloors();
    const floors = floorsOfSites(this.#plans, this.#floors);
    const added: number[] = [];
    using files = new DescriptorPaths();
    try {
      for (const [index, plan] of this.#plans.entries()) {
        const command = addCommand(plan, {
          path: files.pathOf(paths.get(plan.file.path) ?? plan.file.openPath),
          pid: this.#root,
          owner: Deno.pid,
          tag: this.#tag(index),
          floorsNs: floors[index],
          histogram: !isTimed(plan.spec) ? 0 : this.#shift === 4 ? 16 : 2,
        });
        this.#module.writeCommand(command, { what: `slow "${plan.target}"` });
        added.push(index);
        this.#added.add(index);
      }
    } catch (error) {
      for (const index of added) {
        this.#module.writeCommand(removeCommand({ tag: this.#tag(index) }), { what: "undo the probes" });
        this.#added.delete(index);
      }
      throw error;
    }
    return {
      detach: async () => {
        // Switched off: the figures stay.
        for (const command of this.#switchOff(added)) {
          await this.#module.writeCommandInBackground(command, { what: "take the breakpoints out" });
        }
      },
    };
  }

  /** Measures a second time, a while after the first, and keeps the lower: what disturbs lasts some milliseconds. */
  #settleFloors(): void {
    this.#isSettled = true;
    const before = new Map(this.#measured);
    this.#measure(this.#kinds);
    for (const [kind, floors] of this.#measured) {
      const lower = [...floors].map(([floorClass, ns]) =>
        [floorClass, Math.min(ns, before.get(kind)?.get(floorClass) ?? ns)] as const
      );
      this.#measured.set(kind, new Map(lower));
    }
  }

  recalibrate(): void {
    if (this.#isCancelled) return;
    try {
      this.#measureAgain();
    } catch (error) {
      // Somebody removed a target or unloaded the module: the figures will say it.
      if (!isGone(error)) throw error;
    }
  }

  #measureAgain(): void {
    this.#measure([this.#isTimed]);
    const floors = floorsOfSites(this.#plans, this.#floors);
    for (const index of this.#added) {
      const { target, spec } = this.#plans[index];
      const command = updateCommand({ tag: this.#tag(index) }, spec.delay, { floorsNs: floors[index] });
      this.#module.writeCommand(command, { what: `give "${target}" its floor` });
    }
  }

  async begin(delayNs: number): Promise<void> {
    this.cancel();
    await this.#cancelling;
    // New targets for each run: what the module counted for the old ones cannot be taken back.
    const removals = [...this.#added].map((index) => removeCommand({ tag: this.#tag(index) }));
    await this.#targets.writeToEach(removals, "undo the probes of the run before");
    this.#added.clear();
    this.#plans = this.#plans.map((plan) => ({
      ...plan,
      spec: { ...plan.spec, delay: { kind: "fixed", ns: delayNs } },
    }));
    this.#isTimed = delayNs > 0;
    this.#root = undefined;
    this.#untracked = 0;
    this.#isCancelled = false;
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    const each = this.#switchOff([...this.#added]);
    const what = "end the delays";
    // The stubs' targets stay live where another run follows.
    this.#cancelling = this.#repeats
      ? this.#targets.writeToEach(each, what)
      : this.#targets.writeToAll({ all: switchCommand(false, Deno.pid), each }, {
        what,
        isDone: (row) => row.isOn === false,
      });
    // A failure is told where the session is closed.
    this.#cancelling.catch(() => {});
  }

  statistics(): ProbeStatistics[] {
    const rows = this.#targets.rows();
    const histograms = new Map(this.#module.readHistograms().map((row) => [row.id, row.counts]));
    return this.#plans.map((_, index) => {
      const row = this.#rowOf(rows, index);
      return figuresOf(row, histograms.get(row.id), this.#shift);
    });
  }

  bystanders(): Omit<BystanderCost, "processes"> {
    const rows = this.#targets.rows();
    const floors = this.floors;
    const outside = this.#plans.map((_, index) => this.#rowOf(rows, index).outside);
    return {
      hits: outside.reduce((sum, hits) => sum + hits, 0),
      costNs: outside.reduce((sum, hits, index) => sum + hits * floors[index].ns, 0),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#isCancelled = true;
    this.#added.clear();
    await using undo = new AsyncDisposableStack();
    undo.use(this.#meter);
    undo.defer(() => this.#targets.leave());
    undo.defer(() => this.#targets.removeAll());
    await this.#cancelling;
  }

  #tag(index: number): string {
    return `${this.#prefix}.${index}`;
  }

  /** The commands that switch plans' targets off. */
  #switchOff(indexes: readonly number[]): string[] {
    return indexes.map((index) =>
      updateCommand({ tag: this.#tag(index) }, this.#plans[index].spec.delay, { isOn: false })
    );
  }

  /** @throws SbError `probe.not_found` when somebody else removed the target */
  #rowOf(rows: ReadonlyMap<string, TargetRow>, index: number): TargetRow {
    const row = rows.get(this.#tag(index));
    if (row) return row;
    throw goneTarget(this.#plans[index].target);
  }

  /** The scope's processes, and what could not be followed. */
  #readMembers(): number[] {
    const scopes = this.#module.readScopes().filter(({ pid }) => pid === this.#root);
    this.#untracked = Math.max(this.#untracked, ...scopes.map(({ untracked }) => untracked));
    // sb itself is in no tree, although it may descend from the root.
    return scopes.flatMap(({ members }) => members).filter((pid) => pid !== Deno.pid || pid === this.#root);
  }
}
