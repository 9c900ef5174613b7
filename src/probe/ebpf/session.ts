/** The eBPF backend: the probes of one session, their maps, programs and links. */
import { BpfMap, MapType, monotonicNs, type OwnedFd } from "../../../ffi/mod.ts";
import { SbError } from "../../core/mod.ts";
import { readKernelTypes } from "../../sys/mod.ts";
import type {
  Attachment,
  AttachPaths,
  BackendOptions,
  BackendSession,
  EntryCall,
  ForkNews,
} from "../backend.ts";
import { FLOOR_CLASSES, type FloorClass, floorClassesOf } from "../floor.ts";
import { histogramShift } from "../histogram.ts";
import type { BystanderCost, Floor, ProbePlan, ProbeSpec, ProbeStatistics } from "../model.ts";
import { toStatistics } from "../statistics.ts";
import { attachSites } from "./attach.ts";
import { ConfigMemory } from "./config_memory.ts";
import { quantileTable, TABLE_BYTES } from "./draw.ts";
import { tellSession } from "./description.ts";
import { endSession } from "./ending.ts";
import { type EbpfFeatures, probeFeatures } from "./features.ts";
import { encodeCookie } from "./layout.ts";
import { loadAssembled } from "./load.ts";
import { type ProgramFeatures, type ProgramMaps, siteProgram } from "./programs.ts";
import { chooseProgram } from "./program_choice.ts";
import { possibleCpus, readTotals, recordBytes, type RecordTotals } from "./records.ts";
import { COUNT_SPEC, SessionFloors } from "./session_floors.ts";
import { planSiteRows, type SiteRow } from "./site_rows.ts";
import { endSlot } from "./slot_words.ts";
import { ProcessTree } from "./tree.ts";

/** Sites and probes of one session: the cookie's slot number has 16 bits. */
const MAX_SLOTS = 65_536;

/** How a session is opened. */
export interface EbpfOptions extends BackendOptions {
  /** What to use of the kernel; everything it has by default. */
  features?: EbpfFeatures;
}

/** A delay in flight ends within this time once its probe has ended (milliseconds). */
const UNDONE_MS = 60;

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, least)));
}

/** Opens the eBPF backend's session for these probes; nothing is attached yet. @throws SbError */
export function openEbpfSession(plans: readonly ProbePlan[], options: EbpfOptions): BackendSession {
  return new EbpfSession(plans, options);
}

class EbpfSession implements BackendSession {
  readonly backend = "ebpf";
  readonly armsForks: boolean;
  readonly #plans: readonly ProbePlan[];
  readonly #features: EbpfFeatures;
  readonly #owned = new DisposableStack();
  /** Links, which are closed away from the main thread: closing waits for the kernel. */
  readonly #links = new Set<OwnedFd>();
  readonly #config: ConfigMemory;
  readonly #records: BpfMap;
  readonly #tree: ProcessTree;
  readonly #calibrationTree: BpfMap;
  readonly #program: OwnedFd;
  readonly #rows: SiteRow[];
  /** Slot of the entry counter of a plan with a return trampoline. */
  readonly #entrySlots = new Map<number, number>();
  readonly #programFeatures: ProgramFeatures;
  readonly #maps: ProgramMaps;
  readonly #shift: number;
  readonly #floors: SessionFloors;
  readonly #firstCalibrationSlot: number;
  readonly #cpus = possibleCpus();
  readonly #windowsStartAtExec: boolean;
  readonly #repeats: boolean;
  #closed: Promise<void> | undefined;

  constructor(plans: readonly ProbePlan[], options: EbpfOptions) {
    this.#plans = plans;
    this.armsForks = options.tellForks !== true;
    this.#repeats = options.repeats === true;
    this.#features = options.features ?? probeFeatures();
    try {
      const classes = floorClassesOf(plans);
      let slots = plans.length;
      plans.forEach((plan, index) => {
        if (plan.attach === "trampoline") this.#entrySlots.set(index, slots++);
      });
      this.#firstCalibrationSlot = slots;
      slots += classes.length;
      if (slots > MAX_SLOTS) {
        throw new SbError(
          "probe.too_many",
          `Cannot apply ${plans.length} probes: a session has at most ${MAX_SLOTS}`,
          {
            hint: "Narrow the glob or regular expression",
          },
        );
      }
      this.#rows = planSiteRows(plans, this.#entrySlots);
      this.#programFeatures = chooseProgram(this.#rows, {
        filter: options.filter,
        features: this.#features,
        anyDelay: this.#repeats,
      });
      const timed = this.#programFeatures.timed;
      const shift = this.#shift = histogramShift(plans.length);
      const tables = plans.filter((plan) => plan.spec.delay.kind !== "fixed").length;
      const slotCount = powerOfTwo(slots);
      this.#config = this.#owned.use(new ConfigMemory(slotCount));
      this.#records = this.#owned.use(
        new BpfMap("sb_records", {
          type: MapType.percpuArray,
          keyBytes: 4,
          valueBytes: recordBytes(timed ? shift : null),
          entries: slots,
        }),
      );
      this.#calibrationTree = this.#owned.use(
        new BpfMap("sb_self", { type: MapType.hash, keyBytes: 4, valueBytes: 4, entries: 1 }),
      );
      const tableMap = this.#owned.use(
        new BpfMap("sb_tables", {
          type: MapType.array,
          keyBytes: 4,
          valueBytes: powerOfTwo(tables) * TABLE_BYTES + 8,
          entries: 1,
        }),
      );
      this.#tree = new ProcessTree(this.#config, {
        windowsStartAtExec: this.#programFeatures.window && options.windowsStart === "exec",
        tellForks: options.tellForks ?? false,
      });
      this.#maps = {
        config: this.#config.map.fd.fd,
        records: this.#records.fd.fd,
        tree: this.#tree.map.fd.fd,
        tables: tableMap.fd.fd,
        tableSlots: powerOfTwo(tables),
        slots: slotCount,
        histogramShift: shift,
      };
      this.#owned.use(
        tellSession(plans, { holder: this.#tree.holder, records: this.#records, tree: this.#tree.map }),
      );
      this.#writeSlots(tableMap);
      this.#program = this.#loadSite(this.#programFeatures, this.#maps);
      this.#windowsStartAtExec = options.windowsStart === "exec";
      this.#floors = this.#owned.use(this.#openFloors(classes));
    } catch (error) {
      // The maps and programs go with the process; what matters is that no breakpoint stays.
      void this.#close();
      throw error;
    }
  }

  get entryCall(): EntryCall {
    return this.#tree.entryCall;
  }

  get floors(): readonly Floor[] {
    return this.#plans.map((_, index) => {
      const row = this.#rows.find((candidate) => candidate.slot === index) as SiteRow;
      const known = row.floorClass === 0 || this.#floors.knows(FLOOR_CLASSES[row.floorClass - 1]);
      return { ns: this.#config.floor(row.floorClass), source: known ? "calibrated" : "unknown" };
    });
  }

  get untracked(): number {
    return this.#tree.untracked;
  }

  enterTree(scan: () => readonly number[]): void {
    this.#tree.enter(scan);
  }

  members(): number[] {
    return this.#tree.members();
  }

  nextForks(): Promise<ForkNews[] | null> {
    return this.#tree.nextForks();
  }

  attach(paths: AttachPaths, pid?: number): Attachment {
    this.#floors.settle();
    const links: OwnedFd[] = [];
    const groups = Map.groupBy(this.#rows, ({ isReturn, plan }) => `${isReturn} ${plan.file.path}`);
    for (const rows of groups.values()) {
      const { plan, isReturn } = rows[0];
      links.push(...attachSites(this.#program, {
        file: plan.file.path,
        path: paths.get(plan.file.path) ?? plan.file.openPath,
        isReturn,
        sites: rows.map((row) => ({ fileOffset: row.fileOffset, cookie: encodeCookie(row) })),
        ...(pid === undefined ? {} : { pid }),
      }, this.#features));
      for (const link of links) this.#links.add(link);
    }
    const isStarted = this.#windowsStartAtExec || this.#config.header("windowBase") !== 0n;
    if (!isStarted) this.#config.setHeader("windowBase", monotonicNs());
    return {
      detach: async () => {
        for (const link of links) this.#links.delete(link);
        await Promise.all(links.map((link) => link.closeInBackground()));
      },
    };
  }

  recalibrate(): void {
    this.#floors.measure();
  }

  async begin(delayNs: number): Promise<void> {
    this.cancel();
    if (this.#tree.clear()) await new Promise((resolve) => setTimeout(resolve, UNDONE_MS));
    const key = new Uint32Array(1);
    const nothing = new Uint8Array(Math.max(128, this.#records.options.valueBytes * this.#cpus));
    for (const [slot] of this.#probeSlots()) {
      key[0] = slot;
      this.#records.update(new Uint8Array(key.buffer), nothing);
      for (const field of ["ordered", "granted"] as const) this.#config.setSlot(slot, field, 0n);
    }
    for (const field of ["root", "untracked"] as const) this.#config.setHeader(field, 0n);
    this.#config.setHeader("windowBase", this.#windowsStartAtExec ? 0n : monotonicNs());
    this.#floors.use(delayNs > 0 ? "delayed" : "counted");
    for (const [slot, spec] of this.#probeSlots()) {
      const isEntry = slot >= this.#plans.length;
      this.#config.writeSlot(slot, isEntry ? spec : { ...spec, delay: { kind: "fixed", ns: delayNs } });
    }
  }

  cancel(): void {
    if (!this.#repeats) this.#config.setHeader("cancelled", 1n);
    for (const [slot] of this.#probeSlots()) endSlot(this.#config, slot);
  }

  /** The slots of the probes, then those that count the entries of trampolines. */
  #probeSlots(): [slot: number, spec: ProbeSpec][] {
    return [
      ...this.#plans.map(({ spec }, index): [number, ProbeSpec] => [index, spec]),
      ...[...this.#entrySlots.values()].map((slot): [number, ProbeSpec] => [slot, COUNT_SPEC]),
    ];
  }

  statistics(): ProbeStatistics[] {
    const floors = this.floors;
    return this.#plans.map((_, index) => {
      const { outside: _outside, ...totals } = this.#totals(index);
      const entrySlot = this.#entrySlots.get(index);
      const entries = entrySlot === undefined ? totals.hits : this.#totals(entrySlot).hits;
      // A program without delays keeps no sum of floors.
      const overheadNs = this.#programFeatures.timed ? totals.overheadNs : totals.hits * floors[index].ns;
      const misses = Math.max(0, entries - totals.hits);
      return toStatistics({ ...totals, overheadNs, misses }, this.#shift);
    });
  }

  bystanders(): Omit<BystanderCost, "processes"> {
    const floors = this.floors;
    const outside = this.#plans.map((_, index) => this.#totals(index).outside);
    return {
      hits: outside.reduce((sum, hits) => sum + hits, 0),
      costNs: outside.reduce((sum, hits, index) => sum + hits * floors[index].ns, 0),
    };
  }

  #totals(slot: number): RecordTotals {
    return readTotals(this.#records, slot, this.#cpus);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  #close(): Promise<void> {
    return endSession({ config: this.#config, tree: this.#tree, links: this.#links, owned: this.#owned });
  }

  #writeSlots(tableMap: BpfMap): void {
    const tables: Uint8Array<ArrayBuffer> = new Uint8Array(tableMap.options.valueBytes);
    let used = 0;
    this.#plans.forEach(({ spec }, index) => {
      const table = used;
      if (spec.delay.kind !== "fixed") {
        tables.set(quantileTable(spec.delay), table);
        used += TABLE_BYTES;
      }
      this.#config.writeSlot(index, spec, table);
    });
    for (const slot of this.#entrySlots.values()) this.#config.writeSlot(slot, COUNT_SPEC);
    if (used > 0) tableMap.update(new Uint8Array(4), tables);
  }

  #loadSite(features: ProgramFeatures, maps: ProgramMaps): OwnedFd {
    const { assembler, callbacks } = siteProgram(features, maps, {
      pendingSignals: features.timed ? readKernelTypes().offsetOf("task_struct", "pending.signal") : 0,
    });
    return this.#owned.use(loadAssembled(assembler, {
      name: "sb_site",
      type: this.#features.uprobeMulti ? "uprobe_multi" : "uprobe",
      sleepable: features.timed && features.yielding,
      callbacks,
    }));
  }

  /** Calibration runs the session's own program, with a tree of its own that holds sb alone. */
  #openFloors(classes: readonly FloorClass[]): SessionFloors {
    const features = this.#programFeatures;
    const maps = { ...this.#maps, tree: this.#calibrationTree.fd.fd };
    const holder = new Uint8Array(new Uint32Array([this.#tree.holder]).buffer);
    this.#calibrationTree.update(holder, new Uint8Array(new Uint32Array([1]).buffer));
    const firstSlot = this.#firstCalibrationSlot;
    let shared: OwnedFd | undefined;
    return new SessionFloors(this.#config, classes, {
      firstSlot,
      kinds: this.#repeats ? ["delayed", "counted"] : [features.timed ? "delayed" : "counted"],
      attach: (path, sites) => {
        for (const { index, floorClass, fileOffset } of sites) {
          const cookie = { slot: firstSlot + index, floorClass: 0 };
          const program = features.cookie
            ? this.#loadSite({ ...features, cookie }, maps)
            : shared ??= this.#loadSite(features, maps);
          const links = attachSites(program, {
            file: "calibration",
            path,
            isReturn: floorClass === "trampoline",
            sites: [{ fileOffset, cookie: encodeCookie(cookie) }],
            pid: Deno.pid,
          }, this.#features);
          for (const link of links) this.#links.add(link);
        }
      },
      handlerNs: (slot) => this.#totals(slot).addedNs,
    });
  }
}
