/** The verbs on the kernel module's targets. */
import { openFd, OpenFlags, type OwnedFd } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import {
  addCommand,
  type Delay,
  floorClassesOf,
  floorClassOf,
  formatDelay,
  measureModuleFloors,
  parseDelay,
  type ProbePlan,
  removeCommand,
  specOf,
  SpeedBumpFiles,
  type TargetRow,
  updateCommand,
} from "../probe/mod.ts";
import { lockFolder, namedProcess } from "../sys/mod.ts";
import type {
  ControlAddOptions,
  ControlBackend,
  ControlChange,
  ControlledProbe,
  ControlTotals,
} from "./model.ts";

const MILLION = 1_000_000;
/** How sessions tag their targets, and the stubs of calibration. */
const SESSION_TAG = /^sb\.[0-9a-f]{8}\./;
const CALIBRATION_TAG = /^sb\.[0-9a-f]{8}\.floor\d+$/;

function delayOf(row: TargetRow): Delay {
  if (row.dist === null) return { kind: "fixed", ns: row.delayNs };
  return parseDelay(row.dist);
}

function controlled(
  row: TargetRow,
  now: { enabled: boolean; members: ReadonlyMap<number, number> },
): ControlledProbe {
  const delay = delayOf(row);
  const isSession = row.tag !== null && SESSION_TAG.test(row.tag);
  const isOn = row.owner === null ? now.enabled : row.isOn !== false;
  const whole = row.delayed - row.cut;
  return {
    id: isSession ? null : `k${row.id}`,
    backend: "kmod",
    isolation: "per-process",
    persistent: row.owner === null,
    owner: row.owner === null ? null : namedProcess(row.owner),
    scope: row.pid === null
      ? { kind: "all" }
      : { kind: "tree", ...namedProcess(row.pid), members: now.members.get(row.pid) ?? 0 },
    tag: isSession ? null : row.tag,
    target: `${row.path}:${row.symbol}`,
    file: { path: row.path, buildId: null },
    sites: (row.offset ?? "").split(",").filter((text) => text !== "").map((text) => ({
      fileOffset: Number(text.replace(/\?.*$/, "")),
      class: null,
    })),
    state: row.isStale ? "stale" : isOn ? "live" : "disabled",
    spec: specOf(formatDelay(delay), delay, {
      every: row.every,
      probability: row.probabilityPpm / MILLION,
      times: row.times,
      startNs: row.startNs,
      durationNs: row.durationNs,
      how: row.how,
      compensate: row.compensate,
    }),
    floor: row.floorsNs.length > 0
      ? { ns: row.floorsNs[0], source: "calibrated" }
      : { ns: 0, source: "unknown" },
    statistics: {
      hits: row.hits,
      delayed: row.delayed,
      cut: row.cut,
      misses: row.misses,
      clipped: row.clipped,
      addedNs: row.addedNs,
      overheadNs: row.overheadNs,
      minNs: row.minNs,
      meanNs: whole > 0 ? Math.round(row.addedNs / whole) : null,
      p50Ns: null,
      p90Ns: null,
      p99Ns: null,
      maxNs: row.maxNs,
      histogram: [],
    },
    outside: row.outside,
  };
}

/** The module behind the verbs. */
export class KmodControl implements ControlBackend {
  readonly name = "kmod";
  readonly #module: SpeedBumpFiles;
  readonly #lock: OwnedFd;

  private constructor(module: SpeedBumpFiles, lock: OwnedFd) {
    this.#module = module;
    this.#lock = lock;
  }

  /** @returns null when the module is not loaded. @throws SbError `module.abi`, `probe.busy` */
  static async open(): Promise<KmodControl | null> {
    const module = new SpeedBumpFiles();
    if (!module.isLoaded) return null;
    module.requireUsable();
    return new KmodControl(module, await lockFolder(module.root));
  }

  get enabled(): boolean {
    return this.#module.isEnabled;
  }

  get defaultDelayNs(): number {
    return this.#module.defaultDelayNs;
  }

  set defaultDelayNs(ns: number) {
    this.#module.setDefaultDelayNs(ns);
  }

  totals(): ControlTotals {
    const { totalHits, totalDelayNs, untracked } = this.#module.readTotals();
    const rows = this.#module.readTargets();
    const owned = rows.filter((row) => row.owner !== null).length;
    return {
      probes: rows.length - owned,
      owned,
      hits: totalHits,
      delayed: null,
      addedNs: totalDelayNs,
      untracked,
    };
  }

  list(options: { sessions: boolean } = { sessions: false }): ControlledProbe[] {
    const { enabled } = this;
    const members = new Map(this.#module.readScopes().map((scope) => [scope.pid, scope.members.length]));
    return this.#module.readTargets()
      .filter(({ tag }) => tag === null || !(options.sessions ? CALIBRATION_TAG : SESSION_TAG).test(tag))
      .map((row) => controlled(row, { enabled, members }));
  }

  add(plans: readonly ProbePlan[], options: ControlAddOptions): Promise<ControlledProbe[]> {
    const before = new Set(this.#module.readTargets().map(({ id }) => id));
    const floors = measureModuleFloors(this.#module, floorClassesOf(plans));
    const isNew = ({ id, tag }: TargetRow) => !before.has(id) && (tag === null || !SESSION_TAG.test(tag));
    using files = new DisposableStack();
    try {
      for (const plan of plans) {
        const sites = plan.attach === "trampoline" ? 1 : plan.sites.length;
        const file = files.use(openFd(plan.file.openPath, OpenFlags.path));
        const command = addCommand(plan, {
          // The module takes no path with spaces, and none that another root hides.
          path: file.path,
          ...(options.root === null ? {} : { pid: options.root }),
          ...(options.owner === null ? {} : { owner: options.owner }),
          ...(options.tag === null ? {} : { tag: options.tag }),
          floorsNs: Array.from({ length: sites }, (_, site) => floors.get(floorClassOf(plan, site)) ?? 0),
          histogram: 0,
        });
        this.#module.writeCommand(command, { what: `slow "${plan.target}"` });
      }
    } catch (error) {
      for (const { id } of this.#module.readTargets().filter(isNew)) this.#remove(id);
      throw error;
    }
    const ids = new Set(this.#module.readTargets().filter(isNew).map(({ id }) => `k${id}`));
    return Promise.resolve(this.#listed([...ids]));
  }

  update(ids: readonly string[], change: ControlChange): Promise<ControlledProbe[]> {
    for (const id of ids) {
      const command = updateCommand({ id: Number(id.slice(1)) }, change.delay, { settings: change.settings });
      this.#module.writeCommand(command, { what: `change ${id}` });
    }
    return Promise.resolve(this.#listed(ids));
  }

  remove(ids: readonly string[]): ControlledProbe[] {
    const last = this.#listed(ids);
    for (const id of ids) this.#remove(Number(id.slice(1)));
    return last;
  }

  clear(options: { owned: boolean }): number {
    const probes = this.list();
    const owned = options.owned ? probes.filter(({ owner }) => owner !== null) : [];
    const others = probes.filter(({ owner }) => owner === null);
    if (others.length > 0) {
      this.#module.writeCommand(removeCommand("unowned"), { what: "remove the targets" });
    }
    for (const { id } of owned) if (id !== null) this.#remove(Number(id.slice(1)));
    return others.length + owned.length;
  }

  setEnabled(enabled: boolean): Promise<string[]> {
    this.#module.setEnabled(enabled);
    return Promise.resolve([]);
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }

  #listed(ids: readonly string[]): ControlledProbe[] {
    const wanted = new Set<string | null>(ids);
    return this.list().filter(({ id }) => wanted.has(id));
  }

  #remove(id: number): void {
    try {
      this.#module.writeCommand(removeCommand({ id }), { what: `remove k${id}` });
    } catch (error) {
      // Its owner has ended meanwhile.
      if (!(error instanceof SbError && error.code === "probe.not_found")) throw error;
    }
  }
}
