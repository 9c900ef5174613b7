/** The floors of a pool: measured once a process and class, and again while probes are hit. */
import type { OwnedFd } from "../../../../ffi/mod.ts";
import { type FloorClass, floorClassNumber, FloorMeter } from "../../floor.ts";
import { attachSites } from "../attach.ts";
import { CALIBRATION_SPEC } from "../calibration.ts";
import { ConfigMemory } from "../config_memory.ts";
import type { EbpfFeatures } from "../features.ts";
import { pidKey } from "../identity.ts";
import { encodeCookie, SET_MEMBER } from "../layout.ts";
import { changeSlot, choosingWords } from "../slot_words.ts";
import type { Closing } from "./closing.ts";
import { treeMap } from "./growing_map.ts";
import { Segment } from "./segments.ts";
import type { ScopeSets } from "./sets.ts";
import type { Tables } from "./tables.ts";

/** How often floors are measured again while probes are hit, milliseconds. */
const RECALIBRATION_MS = 10_000;
/** What was measured last in this process, by the kernel's ways and class; null where a class cannot be measured. */
const known = new Map<string, Map<FloorClass, number | null>>();

/** The floors, in the header of a pool. */
export class Floors implements Disposable {
  readonly #header: ConfigMemory;
  readonly #features: EbpfFeatures;
  readonly #closing: Closing;
  readonly #shared: { sets: ScopeSets; tables: Tables };
  readonly #known: Map<FloorClass, number | null>;
  readonly #owned = new DisposableStack();
  readonly #links: OwnedFd[] = [];
  readonly #meters: FloorMeter[] = [];
  /** Calibration has programs, a tree and slots of its own. */
  #segment: Segment | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    header: ConfigMemory,
    { features, closing, ...shared }: {
      features: EbpfFeatures;
      closing: Closing;
      sets: ScopeSets;
      tables: Tables;
    },
  ) {
    this.#shared = shared;
    this.#header = header;
    this.#features = features;
    this.#closing = closing;
    const way = `${features.uprobeMulti} ${features.sleepable}`;
    this.#known = known.get(way) ?? new Map();
    known.set(way, this.#known);
    for (const [floorClass, ns] of this.#known) this.#set(floorClass, ns);
  }

  /** Measures the classes that were not measured yet. @throws SbError */
  require(classes: readonly FloorClass[]): void {
    const missing = classes.filter((floorClass) => !this.#known.has(floorClass));
    if (missing.length === 0) return;
    const meter = this.#openMeter(missing);
    const first = meter.measure();
    const second = meter.measure();
    for (const floorClass of missing) {
      const [x, y] = [first.get(floorClass), second.get(floorClass)];
      this.#set(floorClass, x === undefined || y === undefined ? null : Math.min(x, y));
    }
  }

  /** The floor of a class; null when it could not be measured. */
  of(floorClass: FloorClass): number | null {
    return this.#known.get(floorClass) ?? null;
  }

  /** From now on floors are measured again while probes are hit; without probes sb does nothing. */
  watch(isNeeded: boolean): void {
    if (isNeeded === (this.#timer !== undefined)) return;
    if (isNeeded) {
      this.#timer = setInterval(() => this.#remeasure(), RECALIBRATION_MS);
      Deno.unrefTimer(this.#timer);
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends measuring; its breakpoints are closed by the pool's {@linkcode Closing}. */
  [Symbol.dispose](): void {
    this.watch(false);
    for (const meter of this.#meters) meter[Symbol.dispose]();
    void this.#closing.close(this.#links);
    this.#owned.dispose();
  }

  #remeasure(): void {
    if (this.#header.header("hit") === 0n) return;
    this.#header.setHeader("hit", 0n);
    const measured = new Set(this.#meters.flatMap((meter) => meter.classes));
    const unmeasured = [...this.#known.keys()].filter((floorClass) =>
      this.of(floorClass) !== null && !measured.has(floorClass)
    );
    // Those that an earlier pool of this process measured.
    if (unmeasured.length > 0) this.#openMeter(unmeasured);
    for (const meter of this.#meters) {
      for (const [floorClass, ns] of meter.measure()) this.#set(floorClass, ns);
    }
  }

  #set(floorClass: FloorClass, ns: number | null): void {
    this.#known.set(floorClass, ns);
    if (ns !== null) this.#header.setFloor(floorClassNumber(floorClass), ns);
  }

  #openMeter(classes: readonly FloorClass[]): FloorMeter {
    const segment = this.#segment ??= this.#openSegment();
    const slots = new Map<number, number>();
    const meter = new FloorMeter(classes, {
      attach: (path, sites) => {
        for (const [isReturn, group] of Map.groupBy(sites, (site) => site.floorClass === "trampoline")) {
          const cookies = group.map(({ index, fileOffset }) => {
            const slot = segment.take();
            slots.set(index, slot);
            const words = choosingWords(CALIBRATION_SPEC, {
              table: 0,
              windowBaseNs: 1n,
              floorless: false,
              flags: 0,
            });
            changeSlot(segment.config, slot, { ...words, scopes: BigInt(this.#shared.sets.own.scope) });
            return { fileOffset, cookie: encodeCookie({ slot, floorClass: 0 }) };
          });
          const plan = { file: "calibration", path, isReturn, sites: cookies, pid: Deno.pid };
          this.#links.push(...attachSites(segment.program, plan, this.#features));
        }
      },
      handlerNs: (index) => segment.totals(slots.get(index) as number).addedNs,
    });
    this.#meters.push(meter);
    return meter;
  }

  /** A segment whose tree holds sb alone: its hits take the way that those of every tree take. */
  #openSegment(): Segment {
    const header = this.#owned.use(new ConfigMemory(1));
    const tree = this.#owned.use(treeMap("sb_pool_self", this.#features, 1));
    const { sets, tables } = this.#shared;
    const holder = Number(this.#header.header("holder"));
    tree.update(pidKey(holder), SET_MEMBER.encode({ set: BigInt(sets.own.set) }));
    return this.#owned.use(
      new Segment(
        {
          header: header.map.fd.fd,
          tree: tree.fd.fd,
          sets: sets.memory.map.fd.fd,
          tables: tables.map.fd.fd,
        },
        { features: this.#features, shift: 1 },
      ),
    );
  }
}
