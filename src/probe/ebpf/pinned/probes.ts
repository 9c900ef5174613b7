/** Probes that outlive their command: added, listed, changed and removed by one process after the other. */
import { monotonicNs, type OwnedFd } from "../../../../ffi/mod.ts";
import { SbError, toNumber } from "../../../core/mod.ts";
import { floorClassNumber } from "../../floor.ts";
import type { Delay, Floor, ProbePlan, ProbeStatistics } from "../../model.ts";
import type { ScheduleSettings } from "../../schedule.ts";
import { specOf } from "../../spec.ts";
import { hasPins, PINNED_ROOT } from "../../../sys/mod.ts";
import { toStatistics } from "../../statistics.ts";
import { MAX_PERF_SITES } from "../attach.ts";
import { type EbpfFeatures, probeFeatures } from "../features.ts";
import { identify, isAlive, type ProcessIdentity, requireGlobalIds } from "../identity.ts";
import { readTotals } from "../records.ts";
import { classesOf, FileLook, pinsById } from "./links.ts";
import { DEFAULT_DELAY_NS, MAX_PINNED, PinnedMaps } from "./maps.ts";
import { lockPins, mountBpfFs, refuseOtherLayouts, removePins } from "./place.ts";
import { offsetsOf, type PinnedRow, rowOfPlan } from "./rows.ts";
import { requireFeatures } from "./site_program.ts";
import { tooMany } from "./slots.ts";
import { ensureTrackers } from "./trackers.ts";
import { Upkeep } from "./upkeep.ts";

/** A pinned probe and its figures. */
export interface PinnedProbe {
  row: PinnedRow;
  /** The root of its tree; null is every process. */
  root: ProcessIdentity | null;
  /** Processes in its tree now; null where it is every process. */
  members: number | null;
  /** Whether its breakpoints are in. */
  attached: boolean;
  /** Whether its path leads to another file by now. */
  replaced: boolean;
  floor: Floor;
  statistics: ProbeStatistics;
  /** Executions out of scope that trapped and were turned away. */
  outside: number;
}

/** What is added beside the plans. */
export interface PinOptions {
  /** The root of the tree; null is every process. */
  root: number | null;
  /** The ids of the tree, as /proc has them now. */
  scan: (root: number) => readonly number[];
  owner: number | null;
  tag: string | null;
}

/** What an update changes; the rest is kept. Naming `times`, `every`, the start or the duration begins that anew. */
export interface PinChange {
  delayText: string;
  delay: Delay;
  settings: Partial<ScheduleSettings>;
}

/** How they are opened. */
export interface PinnedOptions {
  /** Make the layout when it is not there. */
  make: boolean;
  /** What to use of the kernel; everything it has by default. */
  features?: EbpfFeatures;
}

/** Pinned probes, locked for this process until disposed: what others left half done is mended. */
export class PinnedProbes implements Disposable {
  readonly #maps: PinnedMaps;
  readonly #upkeep: Upkeep;
  readonly #lock: OwnedFd;

  private constructor(lock: OwnedFd, maps: PinnedMaps, features: EbpfFeatures) {
    this.#lock = lock;
    this.#maps = maps;
    this.#upkeep = new Upkeep(maps, features);
  }

  /**
   * Opens them, once no other sb is at it.
   *
   * @returns null when there is nothing, and nothing is to be made
   * @throws SbError `probe.layout`, `probe.busy`, `backend.unavailable`, `kernel.refused`
   */
  static async open(options: PinnedOptions): Promise<PinnedProbes | null> {
    if (options.make) mountBpfFs();
    if (!options.make && !hasPins()) return null;
    using undo = new DisposableStack();
    const lock = undo.use(await lockPins());
    refuseOtherLayouts();
    const maps = options.make ? PinnedMaps.openOrMake() : PinnedMaps.open();
    if (!maps) {
      removePins(PINNED_ROOT);
      return null;
    }
    undo.use(maps);
    const probes = new PinnedProbes(lock, maps, options.features ?? probeFeatures());
    await probes.#upkeep.mend();
    undo.move();
    return probes;
  }

  /** Takes everything away, whichever version of sb made it. */
  static async removeAll(): Promise<void> {
    if (!hasPins()) return;
    using _lock = await lockPins();
    removePins(PINNED_ROOT);
  }

  get enabled(): boolean {
    return this.#maps.state.get("enabled") !== 0n;
  }

  /** The delay of an add without one, nanoseconds, 0 to 10^10. */
  get defaultDelayNs(): number {
    return toNumber(this.#maps.state.get("defaultDelayNs"));
  }

  set defaultDelayNs(ns: number) {
    this.#maps.state.set("defaultDelayNs", BigInt(ns));
  }

  /** Processes that found no room in a tree: their hits are missing. */
  get untracked(): number {
    return toNumber(this.#maps.config.header("untracked"));
  }

  /** Figures of the probes that were removed since the layout was made. */
  get past(): { hits: number; delayed: number; addedNs: number } {
    const { state } = this.#maps;
    return {
      hits: toNumber(state.get("pastHits")),
      delayed: toNumber(state.get("pastDelayed")),
      addedNs: toNumber(state.get("pastAddedNs")),
    };
  }

  /** Every probe, by id. */
  list(): PinnedProbe[] {
    const pins = pinsById();
    const now = { members: this.#upkeep.scopes.countMembers(), files: new FileLook() };
    return this.#upkeep.rows.map((row) => this.#report(row, { attached: pins.has(row.id), ...now }));
  }

  /**
   * Adds probes, all or none. Those without an owner get their breakpoints once probes are enabled.
   *
   * @throws SbError `probe.exists`, `probe.too_many`, `scope.too_many`, `process.not_found`, `isolation.unavailable`,
   *   and what attaching refuses
   */
  async add(plans: readonly ProbePlan[], options: PinOptions): Promise<PinnedProbe[]> {
    try {
      return await this.#addAll(plans, options);
    } catch (error) {
      this.#removeIfUnused();
      throw error;
    }
  }

  /** Changes the delay and what else is named of these probes. @throws SbError `probe.too_many` */
  async update(ids: readonly number[], change: PinChange): Promise<PinnedProbe[]> {
    const { slots, rows } = this.#upkeep;
    for (const row of rows.filter(({ id }) => ids.includes(id))) {
      const { schedule, how, compensate } = row.spec;
      const settings = { ...schedule, how, compensate, ...change.settings };
      const isNewWindow = "startNs" in change.settings || "durationNs" in change.settings;
      const others = this.#upkeep.rows.filter(({ id }) => id !== row.id);
      this.#upkeep.write({
        ...row,
        spec: specOf(change.delayText, change.delay, settings),
        table: slots.tableOf(change.delay, others),
        ...(isNewWindow ? { windowBaseNs: String(monotonicNs()) } : {}),
      });
      if ("every" in change.settings) slots.restart(row.slot, "ordered");
      if ("times" in change.settings) slots.restart(row.slot, "granted");
    }
    await this.#upkeep.settle([]);
    return this.#listed(ids);
  }

  /** Removes probes: no further delay starts, those in flight end, the breakpoints leave after that. @returns their last figures */
  remove(ids: readonly number[]): PinnedProbe[] {
    const last = this.#listed(ids);
    this.#upkeep.drop(last.map(({ row }) => row));
    this.#upkeep.tidy();
    return last;
  }

  /** Removes the probes without an owner; with the last probe the whole layout goes. @returns how many were removed */
  clear(options: { owned: boolean }): number {
    const rows = this.#upkeep.rows.filter((row) => options.owned || row.owner === null);
    this.#upkeep.drop(rows);
    this.#upkeep.tidy();
    if (this.#upkeep.rows.length === 0) removePins(PINNED_ROOT);
    return rows.length;
  }

  /**
   * Lets the probes without an owner have their breakpoints, or takes these out and waits until they are; figures stay.
   *
   * @returns what could not be attached, by id
   */
  async setEnabled(enabled: boolean): Promise<Map<number, SbError>> {
    this.#maps.state.set("enabled", enabled ? 1n : 0n);
    return await this.#upkeep.settle(enabled ? this.#upkeep.rows : []);
  }

  [Symbol.dispose](): void {
    this.#maps[Symbol.dispose]();
    this.#lock[Symbol.dispose]();
  }

  #listed(ids: readonly number[]): PinnedProbe[] {
    const wanted = new Set(ids);
    return this.list().filter(({ row }) => wanted.has(row.id));
  }

  #report(
    row: PinnedRow,
    now: { attached: boolean; members: ReadonlyMap<number, number>; files: FileLook },
  ): PinnedProbe {
    const { records, config, state } = this.#maps;
    const { cpus } = this.#upkeep;
    const totals = readTotals(records, row.slot, cpus);
    const entries = row.entrySlot === null ? 0 : readTotals(records, row.entrySlot, cpus).hits;
    const floorNs = config.floor(floorClassNumber(classesOf(row)[0]));
    return {
      row,
      root: row.scope === null ? null : state.root(row.scope),
      members: row.scope === null ? null : now.members.get(row.scope) ?? 0,
      attached: now.attached,
      replaced: !now.files.isSame(row),
      floor: { ns: floorNs, source: floorNs > 0 ? "calibrated" : "unknown" },
      statistics: toStatistics({ ...totals, misses: Math.max(0, entries - totals.hits) }, 0),
      outside: totals.outside,
    };
  }

  async #addAll(plans: readonly ProbePlan[], options: PinOptions): Promise<PinnedProbe[]> {
    const upkeep = this.#upkeep;
    requireFeatures(upkeep.features);
    const root = options.root === null ? null : identify(options.root);
    const owner = options.owner === null ? null : identify(options.owner);
    if (root || owner) requireGlobalIds();
    this.#refuse(plans, { root, owner, tag: options.tag });
    const added: PinnedRow[] = [];
    try {
      ensureTrackers(this.#maps);
      upkeep.scopes.excludeSelf();
      const scope = root &&
        (upkeep.scopes.find(root) ?? upkeep.scopes.open(root, () => options.scan(root.pid)));
      const used = new Set(upkeep.rows.flatMap((row) => [row.slot, row.entrySlot ?? row.slot]));
      for (const plan of plans) {
        const row = this.#rowOf(plan, { scope, owner, tag: options.tag, used });
        added.push(row);
        upkeep.write(row);
      }
      for (const error of (await upkeep.settle(added)).values()) throw error;
      if (owner) this.#watch(owner);
      for (const row of added) upkeep.write({ ...row, state: "applied" });
    } catch (error) {
      upkeep.drop(added);
      upkeep.tidy();
      throw error;
    }
    return this.#listed(added.map(({ id }) => id));
  }

  /** A layout that was made for nothing goes. */
  #removeIfUnused(): void {
    const isSet = this.enabled || this.defaultDelayNs !== Number(DEFAULT_DELAY_NS);
    if (this.#upkeep.rows.length === 0 && !isSet) removePins(PINNED_ROOT);
  }

  /** What must not be there twice, and what there is too much of. */
  #refuse(
    plans: readonly ProbePlan[],
    { root, owner, tag }: { root: ProcessIdentity | null; owner: ProcessIdentity | null; tag: string | null },
  ): void {
    const { rows, features, scopes } = this.#upkeep;
    if (rows.length + plans.length > MAX_PINNED) throw tooMany(`there are at most ${MAX_PINNED}`);
    const sites = [...rows.map(offsetsOf), ...plans.map(offsetsOf)].reduce(
      (sum, list) => sum + list.length,
      0,
    );
    if (!features.uprobeMulti && sites > MAX_PERF_SITES) {
      throw tooMany(`this kernel has no uprobe_multi (6.6), so at most ${MAX_PERF_SITES} sites`);
    }
    const tagged = tag !== null && rows.find((row) => row.tag === tag);
    if (tagged) {
      throw new SbError(
        "probe.exists",
        `Cannot tag a probe "${tag}": e${tagged.id} (${tagged.target}) has that tag`,
        {
          hint: `Choose another tag, or remove it: sb remove @${tag}`,
          data: { id: `e${tagged.id}` },
        },
      );
    }
    const scope = root && scopes.find(root);
    if (root && scope === null) return;
    const identities = new Map(rows.map((row) => [identityOf(row, row), row]));
    for (const plan of plans) {
      const same = identities.get(identityOf(rowOfPlan(plan), { scope, owner, tag }));
      if (!same) continue;
      throw new SbError(
        "probe.exists",
        `Cannot add "${plan.target}": e${same.id} is there, in the same scope`,
        {
          hint: `Change its delay: sb update e${same.id} DELAY`,
          data: { id: `e${same.id}` },
        },
      );
    }
  }

  #rowOf(
    plan: ProbePlan,
    { scope, owner, tag, used }: Pick<PinnedRow, "scope" | "owner" | "tag"> & { used: Set<number> },
  ): PinnedRow {
    const { slots, rows, cpus } = this.#upkeep;
    const { state } = this.#maps;
    const id = toNumber(state.get("nextId"));
    state.set("nextId", BigInt(id + 1));
    return {
      id,
      state: "adding",
      ...rowOfPlan(plan),
      tag,
      owner,
      scope,
      slot: slots.take(used, cpus),
      entrySlot: plan.attach === "trampoline" ? slots.take(used, cpus) : null,
      table: slots.tableOf(plan.spec.delay, rows),
      windowBaseNs: String(monotonicNs()),
      addedAtMs: Date.now(),
    };
  }

  /** From now on the owner's exit ends its probes. @throws SbError `process.not_found` when it has ended already */
  #watch(owner: ProcessIdentity): void {
    const word = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
    this.#maps.owners.update(word(owner.pid), word(1));
    if (isAlive(owner)) return;
    throw new SbError("process.not_found", `Cannot give probes to process ${owner.pid}: it has ended`, {
      hint: "List the processes: ps -e",
    });
  }
}

/** What two probes may not have in common: the file, the first breakpoint, where, the scope, the owner and the tag. */
function identityOf(
  row: Pick<PinnedRow, "file" | "attach" | "functionOffset" | "sites">,
  { scope, owner, tag }: Pick<PinnedRow, "scope" | "owner" | "tag">,
): string {
  const { device, inode } = row.file;
  return [device, inode, offsetsOf(row)[0], row.attach === "trampoline", scope, owner?.pid, tag].join(" ");
}
