/** The kernel module's backend: the targets of one session, and their figures. */
import { SbError } from "../../core/mod.ts";
import type { Attachment, AttachPaths, BackendSession, ForkNews } from "../backend.ts";
import { type FloorClass, floorClassesOf, floorClassOf, type FloorMeter } from "../floor.ts";
import { histogramShift } from "../histogram.ts";
import type { BystanderCost, Floor, ProbePlan, ProbeStatistics } from "../model.ts";
import { isTimed } from "../spec.ts";
import { addCommand, removeCommand, switchCommand, updateCommand } from "./command.ts";
import { figuresOf, goneTarget } from "./figures.ts";
import { floorsOfSites, openModuleMeter, removeTagged } from "./floor.ts";
import { DescriptorPaths } from "./descriptor_paths.ts";
import { isGone, OwnedTargets } from "./owner.ts";
import type { TargetRow } from "./rows.ts";
import { SpeedBumpFiles } from "./sysfs.ts";

/** Opens the module's session for these probes; nothing is added yet but what calibration needs. @throws SbError */
export function openKmodSession(plans: readonly ProbePlan[]): BackendSession {
  return new KmodSession(plans);
}

class KmodSession implements BackendSession {
  readonly backend = "kmod";
  readonly entryCall = null;
  readonly armsForks = true;
  readonly #plans: readonly ProbePlan[];
  readonly #module = new SpeedBumpFiles();
  /** Starts the tags of this session; another pid namespace may have a session of the same process id. */
  readonly #prefix = `sb.${crypto.randomUUID().slice(0, 8)}`;
  readonly #targets: OwnedTargets;
  readonly #meter: FloorMeter;
  readonly #shift: 1 | 4;
  #floors: ReadonlyMap<FloorClass, number>;
  /** Plans whose targets are there. */
  readonly #added = new Set<number>();
  #root: number | undefined;
  #untracked = 0;
  #isSettled = false;
  #isCancelled = false;
  #cancelling: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(plans: readonly ProbePlan[]) {
    this.#module.requireUsable();
    this.#plans = plans;
    this.#shift = histogramShift(plans.length);
    this.#targets = new OwnedTargets(this.#module, this.#prefix);
    using undo = new DisposableStack();
    undo.defer(() => this.#targets.leave());
    undo.defer(() => removeTagged(this.#module, this.#prefix));
    this.#meter = undo.use(
      openModuleMeter(this.#module, floorClassesOf(plans), {
        prefix: this.#prefix,
        isTimed: plans.some(({ spec }) => isTimed(spec)),
      }),
    );
    this.#floors = this.#meter.measure();
    undo.move();
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
    const again = this.#meter.measure();
    this.#floors = new Map([...again].map(([floorClass, ns]) => [
      floorClass,
      Math.min(ns, this.#floors.get(floorClass) ?? ns),
    ]));
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
    this.#floors = this.#meter.measure();
    const floors = floorsOfSites(this.#plans, this.#floors);
    for (const index of this.#added) {
      const { target, spec } = this.#plans[index];
      const command = updateCommand({ tag: this.#tag(index) }, spec.delay, { floorsNs: floors[index] });
      this.#module.writeCommand(command, { what: `give "${target}" its floor` });
    }
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    const each = this.#switchOff([...this.#added]);
    this.#cancelling = this.#targets.writeToAll({ all: switchCommand(false, Deno.pid), each }, {
      what: "end the delays",
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
