/** One probe of a pool: its slots, its links, its figures. */
import { monotonicNs } from "../../../../ffi/mod.ts";
import { SbError, toNumber } from "../../../core/mod.ts";
import { readFileStatus } from "../../../sys/mod.ts";
import type { AttachPaths } from "../../backend.ts";
import { changeSpec, restartsOf } from "../../change.ts";
import { floorClassOf, siteKey } from "../../floor.ts";
import { type Late, LateForks } from "../../late.ts";
import type { Floor, Isolation, ProbePlan, ProbeStatistics } from "../../model.ts";
import type { PoolProbe, ProbeChange } from "../../pool.ts";
import { toStatistics } from "../../statistics.ts";
import { requireSpin } from "../program_choice.ts";
import type { RecordTotals } from "../records.ts";
import { planSiteRows } from "../site_rows.ts";
import { changeSlot, choosingWords, endSlot, entrySpec } from "../slot_words.ts";
import { EVERYBODY, ProbeLinks } from "./links.ts";
import { type Reach, reachWords } from "./reach.ts";
import type { Place } from "./segments.ts";
import type { PoolParts } from "./parts.ts";
import { toldReach } from "./telling.ts";
import type { TreeWatcher } from "./tree_scopes.ts";

/** What a probe is made of. */
export interface ProbeMake {
  plan: ProbePlan;
  isolation: Exclude<Isolation, "private-file">;
  reach: Reach;
  paths: AttachPaths;
}

/** A probe, from the moment its slots are taken. */
export class EbpfPoolProbe implements PoolProbe, TreeWatcher {
  readonly isolation: Exclude<Isolation, "private-file">;
  readonly reach: Reach;
  readonly emptied: Promise<void>;
  /** What several probes may have in common, one of which accounts for the floor then. */
  readonly siteKey: string;
  /** The probe that accounts for the floor of this one's sites; null when it does so itself. */
  payer: EbpfPoolProbe | null = null;
  readonly #parts: PoolParts;
  readonly #place: Place;
  readonly #links: ProbeLinks;
  readonly #path: string;
  readonly #late = new LateForks();
  #plan: ProbePlan;
  #table: number;
  #windowBaseNs = 0n;
  #epoch: number;
  /** Whether breakpoints are to be in. */
  #isAttached = false;
  /** Whether executions are hits. */
  #isLive = false;
  #isRemoved = false;
  #settleEmptied!: () => void;
  /** Changes come one after the other. */
  #turn: Promise<void> = Promise.resolve();

  /** Takes slots; nothing counts yet. @throws SbError `probe.too_many`, `backend.verifier`, `kernel.refused` */
  constructor(parts: PoolParts, { plan, isolation, reach, paths }: ProbeMake) {
    this.isolation = isolation;
    this.reach = reach;
    this.emptied = new Promise((resolve) => this.#settleEmptied = resolve);
    const isTrampoline = plan.attach === "trampoline";
    this.siteKey = siteKey(plan, isTrampoline ? plan.functionOffset : plan.sites[0].fileOffset);
    this.#parts = parts;
    this.#plan = plan;
    this.#path = paths.get(plan.file.path) ?? plan.file.openPath;
    this.#table = parts.tables.take(plan.spec.delay);
    try {
      this.#place = parts.segments.take(isTrampoline ? 2 : 1);
    } catch (error) {
      parts.tables.give(plan.spec.delay);
      throw error;
    }
    const { segment, slots } = this.#place;
    // Rows name the plan's slot 0, and that of its entry counter as it is given here.
    const rows = planSiteRows([plan], new Map(isTrampoline ? [[0, 1]] : []))
      .map((row) => ({ ...row, slot: slots[row.slot] }));
    const { features, closing } = parts;
    this.#links = new ProbeLinks({ plan, rows, program: segment.program, paths, features }, closing);
    this.#epoch = segment.nextEpoch(slots);
    if (reach.kind === "tree") reach.tree.watchers.add(this);
  }

  get plan(): ProbePlan {
    return this.#plan;
  }

  get isEnabled(): boolean {
    return this.#isLive;
  }

  get floor(): Floor {
    const ns = this.#parts.floors.of(floorClassOf(this.#plan, 0));
    if (ns === null) return { ns: 0, source: "unknown" };
    return { ns: this.payer ? 0 : ns, source: "calibrated" };
  }

  get late(): Late {
    return this.#late.figures;
  }

  get members(): number | null {
    return this.reach.kind === "tree" ? this.#parts.trees.members(this.reach.tree) : null;
  }

  get outside(): number {
    this.#requireThere();
    return this.#totals(0).outside;
  }

  get replaced(): boolean {
    const { device, inode, sizeBytes, modifiedNs } = this.#plan.file;
    const status = readFileStatus(this.#path);
    // The path may be one of sb's own descriptors: then it is the links of the file that tell.
    if (status === null || status.links === 0) return true;
    const { dev, ino } = Deno.statSync(this.#path);
    return dev !== device || BigInt(ino ?? 0) !== BigInt(inode) || status.sizeBytes !== sizeBytes ||
      status.modifiedNs !== modifiedNs;
  }

  /** Puts the breakpoints in; nothing counts yet. @throws SbError what attaching refuses */
  async attach(): Promise<void> {
    this.#isAttached = true;
    const pids = this.reach.kind === "tree" && this.isolation === "per-process"
      ? [...this.reach.tree.pids ?? []]
      : [EVERYBODY];
    try {
      // Each is waited for, whichever fails.
      const results = await Promise.allSettled(pids.map((pid) => this.#links.open(pid, this.#epoch)));
      for (const result of results) if (result.status === "rejected") throw result.reason;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** From now on executions are hits. */
  goLive(): void {
    if (this.#windowBaseNs === 0n) this.#windowBaseNs = monotonicNs();
    this.#isLive = true;
    this.#parts.switched(this);
    this.writeSlots();
    this.#tell();
    if (this.reach.kind === "tree" && this.reach.tree.isEmpty) this.becameEmpty();
  }

  /** Makes the slots what the specification says, while executions are hits. */
  writeSlots(): void {
    if (!this.#isLive) return;
    const { segment: { config }, slots: [slot, entrySlot] } = this.#place;
    const { flags, words } = reachWords(this.reach);
    const place = { windowBaseNs: this.#windowBaseNs, flags };
    const { spec } = this.#plan;
    changeSlot(config, slot, {
      ...choosingWords(spec, { ...place, table: this.#table, floorless: this.payer !== null }),
      ...words,
    });
    if (entrySlot === undefined) return;
    changeSlot(config, entrySlot, {
      ...choosingWords(entrySpec(spec), { ...place, table: 0, floorless: true }),
      ...words,
    });
  }

  update(change: ProbeChange): Promise<void> {
    return this.#inTurn(() => {
      const before = this.#plan.spec;
      const spec = changeSpec(before, change);
      requireSpin(this.#plan.target, spec);
      const { tables } = this.#parts;
      this.#table = tables.take(spec.delay);
      this.#plan = { ...this.#plan, spec };
      const restarts = restartsOf(change);
      if (restarts.window) this.#windowBaseNs = monotonicNs();
      const { segment: { config }, slots: [slot] } = this.#place;
      if (restarts.hits) config.setSlot(slot, "ordered", 0n);
      if (restarts.times) config.setSlot(slot, "granted", 0n);
      this.writeSlots();
      this.#tell();
      tables.give(before.delay);
    });
  }

  setEnabled(enabled: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (enabled === this.#isLive) return;
      if (!enabled) {
        this.#end();
        this.#tell();
        return;
      }
      await this.attach();
      // It may have been removed while the kernel put the breakpoints in.
      this.#requireThere();
      this.goLive();
    });
  }

  statistics(): ProbeStatistics {
    this.#requireThere();
    return this.#statistics();
  }

  // deno-lint-ignore require-await -- what is refused is a rejection
  async remove(): Promise<ProbeStatistics> {
    this.#requireThere();
    this.discard();
    return this.#statistics();
  }

  /** Ends it at once; its slots are given back when its links are gone. */
  discard(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    this.#end();
    const { segments, tables, telling } = this.#parts;
    telling.delete(this.#place.segment, this.#place.slots[0]);
    if (this.reach.kind === "tree") this.reach.tree.watchers.delete(this);
    tables.give(this.#plan.spec.delay);
    this.#parts.removed(this, this.#links.gone().then(() => segments.give(this.#place)));
  }

  entered(pid: number, forkedNs: bigint | null): void {
    if (this.isolation !== "per-process" || !this.#isAttached) return;
    const armed = () => {
      if (forkedNs !== null) this.#late.add(toNumber(monotonicNs() - forkedNs));
    };
    // A process that has ended is no failure.
    const { arming } = this.#parts;
    this.#links.openLater(pid, this.#epoch, arming).then(armed, () => this.#parts.countUntracked());
  }

  left(pid: number): void {
    this.#links.close(pid);
  }

  renewed(pid: number): void {
    this.left(pid);
    this.entered(pid, null);
  }

  becameEmpty(): void {
    this.#settleEmptied();
  }

  /** No further delay starts, those in flight end; the breakpoints leave after that, and do not count any more. */
  #end(): void {
    const { segment, slots } = this.#place;
    for (const slot of slots) endSlot(segment.config, slot);
    const wasLive = this.#isLive;
    this.#isLive = false;
    this.#isAttached = false;
    this.#epoch = segment.nextEpoch(slots);
    this.#links.closeAll();
    if (wasLive) this.#parts.switched(this);
  }

  #tell(): void {
    const { segment, slots } = this.#place;
    this.#parts.telling.set(segment, {
      plan: this.#plan,
      slot: slots[0],
      reach: toldReach(this.reach),
      isEnabled: this.#isLive,
    });
  }

  #totals(index: number): RecordTotals {
    const { segment, slots } = this.#place;
    return segment.totals(slots[index]);
  }

  #statistics(): ProbeStatistics {
    const { outside: _outside, ...totals } = this.#totals(0);
    const entries = this.#place.slots.length > 1 ? this.#totals(1).hits : totals.hits;
    const misses = Math.max(0, entries - totals.hits);
    return toStatistics({ ...totals, misses }, this.#place.segment.shift);
  }

  #requireThere(): void {
    if (!this.#isRemoved) return;
    throw new SbError("probe.not_found", `Cannot use the probe of "${this.#plan.target}": it was removed`);
  }

  #inTurn(act: () => void | Promise<void>): Promise<void> {
    const done = this.#turn.then(() => {
      this.#requireThere();
      return act();
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}
