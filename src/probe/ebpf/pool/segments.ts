/** Segments: slots, records and the program of so many probes, made when they are needed and given back when they are empty. */
import { BpfMap, MapType, type OwnedFd } from "../../../../ffi/mod.ts";
import { histogramShift } from "../../histogram.ts";
import { loadChoosingProgram } from "../choosing_program.ts";
import { ConfigMemory } from "../config_memory.ts";
import type { EbpfFeatures } from "../features.ts";
import { EPOCHS } from "../layout.ts";
import type { ProgramMaps } from "../programs.ts";
import { possibleCpus, readTotals, recordBytes, type RecordTotals } from "../records.ts";

/** Slots of a segment. Loading its program takes some milliseconds, once for so many probes. */
const SLOTS = 64;

/** What all segments of a pool share. */
export type SharedMaps = Required<Pick<ProgramMaps, "header" | "tree" | "sets" | "tables">>;

/** Slots, their records and the program at their sites. */
export class Segment implements Disposable {
  readonly config: ConfigMemory;
  readonly program: OwnedFd;
  /** A record a slot and CPU. */
  readonly records: BpfMap;
  /** Buckets an octave of the histograms, as a power of two. */
  readonly shift: number;
  readonly #owned = new DisposableStack();
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => slot).reverse();
  readonly #cpus: number;

  /** @throws SbError `backend.verifier`, `kernel.refused` */
  constructor(shared: SharedMaps, { features, shift }: { features: EbpfFeatures; shift: number }) {
    this.shift = shift;
    this.#cpus = possibleCpus();
    try {
      this.config = this.#owned.use(new ConfigMemory(SLOTS));
      this.records = this.#owned.use(
        new BpfMap("sb_pool_records", {
          type: MapType.percpuArray,
          keyBytes: 4,
          valueBytes: recordBytes(shift),
          entries: SLOTS,
        }),
      );
      this.program = this.#owned.use(this.#load(shared, features));
    } catch (error) {
      this.#owned.dispose();
      throw error;
    }
  }

  get freeSlots(): number {
    return this.#free.length;
  }

  get isEmpty(): boolean {
    return this.#free.length === SLOTS;
  }

  /** A slot, its figures at zero. */
  take(this: Segment): number {
    const slot = this.#free.pop() as number;
    for (const field of ["ordered", "granted"] as const) this.config.setSlot(slot, field, 0n);
    this.records.update(
      new Uint8Array(new Uint32Array([slot]).buffer),
      new Uint8Array(Math.max(128, recordBytes(this.shift) * this.#cpus)),
    );
    return slot;
  }

  /** Gives a slot back, whose links are gone. */
  give(slot: number): void {
    this.#free.push(slot);
  }

  /** From now on only links with the epoch that is returned count in these slots of one probe. */
  nextEpoch(slots: readonly number[]): number {
    const epoch = (Number(this.config.slot(slots[0], "epoch")) + 1) % EPOCHS;
    for (const slot of slots) this.config.setSlot(slot, "epoch", BigInt(epoch));
    return epoch;
  }

  totals(slot: number): RecordTotals {
    return readTotals(this.records, slot, this.#cpus);
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }

  #load(shared: SharedMaps, features: EbpfFeatures): OwnedFd {
    const maps: ProgramMaps = {
      ...shared,
      config: this.config.map.fd.fd,
      records: this.records.fd.fd,
      tableSlots: null,
      slots: SLOTS,
      histogramShift: this.shift,
    };
    return loadChoosingProgram(maps, { name: "sb_pool_site", features });
  }
}

/** Slots of one probe. */
export interface Place {
  segment: Segment;
  slots: number[];
}

/** The segments of a pool. */
export class Segments implements Disposable {
  readonly #segments = new Set<Segment>();
  readonly #shared: SharedMaps;
  readonly #features: EbpfFeatures;

  constructor(shared: SharedMaps, features: EbpfFeatures) {
    this.#shared = shared;
    this.#features = features;
  }

  /** Slots in one segment. @throws SbError `backend.verifier`, `kernel.refused` */
  take(count: number): Place {
    let segment = [...this.#segments].find(({ freeSlots }) => freeSlots >= count);
    if (!segment) {
      // The first probes have fine histograms, as in a session of so many.
      const shift = histogramShift((this.#segments.size + 1) * SLOTS);
      segment = new Segment(this.#shared, { features: this.#features, shift });
      this.#segments.add(segment);
    }
    return { segment, slots: Array.from({ length: count }, segment.take, segment) };
  }

  /** Gives slots back, whose links are gone. One empty segment stays, so that a probe that comes and goes is cheap. */
  give({ segment, slots }: Place): void {
    for (const slot of slots) segment.give(slot);
    const empty = [...this.#segments].filter(({ isEmpty }) => isEmpty);
    for (const surplus of empty.slice(1)) {
      this.#segments.delete(surplus);
      surplus[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    for (const segment of this.#segments) segment[Symbol.dispose]();
    this.#segments.clear();
  }
}
