/** A probe of the module's pool: one target of its own, changed and removed by its tag. */
import { SbError } from "../../core/mod.ts";
import { changeSpec } from "../change.ts";
import { floorClassOf } from "../floor.ts";
import { greatestDelayNs } from "../greatest_delay.ts";
import { NEVER_LATE } from "../late.ts";
import type { Floor, ProbePlan, ProbeStatistics } from "../model.ts";
import type { PoolProbe, PoolScope, ProbeChange } from "../pool.ts";
import { removeCommand, updateCommand } from "./command.ts";
import { figuresOf, goneTarget } from "./figures.ts";
import type { PoolFloors } from "./pool_floors.ts";
import type { TargetRow } from "./rows.ts";
import type { TargetWriter } from "./target_writer.ts";

/** Delays that end by themselves as soon as they would be cut, nanoseconds. */
const SOON_OVER_NS = 60_000_000;

/** What a pool gives its probes. */
export interface PoolTargets {
  readonly writer: TargetWriter;
  readonly floors: PoolFloors;
  /** The target's row; undefined when it is gone. */
  row(tag: string): TargetRow | undefined;
  /** Bucket → count of a target. */
  histogram(id: number): ReadonlyMap<number, number> | undefined;
  /** How many processes a root's tree has. */
  members(root: number): number;
  /** The probe has been removed, or switched on or off: floors are carried by others. */
  changed(probe: KmodPoolProbe): void;
}

/** What a probe is made of. */
export interface KmodPoolProbeOptions {
  plan: ProbePlan;
  scope: PoolScope;
  tag: string;
  /** Of its sites, as the target has them. */
  floorsNs: readonly number[];
  /** Buckets an octave, as a power of two. */
  shift: 1 | 4;
}

/** The probe. */
export class KmodPoolProbe implements PoolProbe {
  readonly isolation = "per-process";
  /** The module puts breakpoints into forked processes itself. */
  readonly late = NEVER_LATE;
  readonly emptied: Promise<void>;
  readonly scope: PoolScope;
  readonly tag: string;
  /** Of its sites, as the target has them. */
  floorsNs: readonly number[];
  /** Settles {@linkcode emptied}. */
  settleEmptied!: () => void;
  readonly #targets: PoolTargets;
  readonly #shift: 1 | 4;
  #plan: ProbePlan;
  #isEnabled = true;
  #removing: Promise<ProbeStatistics> | undefined;

  constructor(targets: PoolTargets, options: KmodPoolProbeOptions) {
    this.emptied = new Promise((resolve) => this.settleEmptied = resolve);
    this.scope = options.scope;
    this.tag = options.tag;
    this.floorsNs = options.floorsNs;
    this.#targets = targets;
    this.#shift = options.shift;
    this.#plan = options.plan;
  }

  get plan(): ProbePlan {
    return this.#plan;
  }

  get floor(): Floor {
    const isMeasured = this.#targets.floors.byClass.has(floorClassOf(this.#plan, 0));
    return isMeasured ? { ns: this.floorsNs[0] ?? 0, source: "calibrated" } : { ns: 0, source: "unknown" };
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  get isRemoved(): boolean {
    return this.#removing !== undefined;
  }

  get replaced(): boolean {
    return this.#row().isStale;
  }

  get outside(): number {
    return this.#row().outside;
  }

  get members(): number | null {
    this.#requireThere();
    return this.scope.kind === "tree" ? this.#targets.members(this.scope.pid) : null;
  }

  async update(change: ProbeChange): Promise<void> {
    this.#requireThere();
    const { spec } = this.#plan;
    const changed = changeSpec(spec, change);
    // The module lets delays in flight go on over an update; they end when it is off, and what is executed then is no hit.
    const cuts = change.delay !== undefined && this.#isEnabled && greatestDelayNs(spec.delay) > SOON_OVER_NS;
    if (cuts) await this.#switch(false);
    try {
      const command = updateCommand({ tag: this.tag }, changed.delay, {
        settings: change.settings ?? {},
        ...(cuts ? { isOn: true } : {}),
      });
      await this.#targets.writer.write(this.tag, command, `change "${this.#plan.target}"`);
    } catch (error) {
      if (cuts) await this.#switch(true);
      throw error;
    }
    this.#plan = { ...this.#plan, spec: changed };
  }

  async setEnabled(enabled: boolean): Promise<void> {
    this.#requireThere();
    await this.#switch(enabled);
    this.#isEnabled = enabled;
    this.#targets.changed(this);
  }

  statistics(): ProbeStatistics {
    this.#requireThere();
    return this.#figures();
  }

  remove(): Promise<ProbeStatistics> {
    this.#requireThere();
    return this.#removing = this.#remove();
  }

  /** Gives the target other floors. @throws SbError */
  giveFloors(floorsNs: readonly number[]): void {
    const command = updateCommand({ tag: this.tag }, this.#plan.spec.delay, { floorsNs });
    this.#targets.writer.writeNow(command, `give "${this.#plan.target}" its floor`);
    this.floorsNs = floorsNs;
  }

  async #remove(): Promise<ProbeStatistics> {
    const { writer } = this.#targets;
    try {
      if (this.#isEnabled) await this.#switch(false);
      return this.#figures();
    } finally {
      this.#targets.changed(this);
      writer.writeLater(this.tag, removeCommand({ tag: this.tag }), `remove "${this.#plan.target}"`);
    }
  }

  /** Off takes effect at once; its write returns when the breakpoints are out, which nobody waits for. */
  async #switch(on: boolean): Promise<void> {
    const command = updateCommand({ tag: this.tag }, this.#plan.spec.delay, { isOn: on });
    await this.#targets.writer.write(this.tag, command, `switch "${this.#plan.target}"`, {
      isDone: on ? undefined : () => this.#targets.row(this.tag)?.isOn !== true,
    });
  }

  #figures(): ProbeStatistics {
    const row = this.#row();
    return figuresOf(row, this.#targets.histogram(row.id), this.#shift);
  }

  /** @throws SbError `probe.not_found` when somebody else removed the target */
  #row(): TargetRow {
    const row = this.#targets.row(this.tag);
    if (row) return row;
    throw goneTarget(this.#plan.target);
  }

  #requireThere(): void {
    if (!this.#removing) return;
    throw new SbError("probe.not_found", `Cannot use the probe of "${this.#plan.target}": it was removed`);
  }
}
