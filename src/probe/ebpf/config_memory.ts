/** The `config` map as memory: the header and the slots, written by sb and read by its programs at once. */
import { BpfMap, MAP_MMAPABLE, MapType } from "../../../ffi/mod.ts";
import type { ProbeSpec } from "../model.ts";
import { FLOORS_OFFSET, HEADER, SLOT, SLOT_BYTES, SlotFlag, SLOTS_OFFSET } from "./layout.ts";
import { MappedMap } from "./mapped_map.ts";

/** No limit, no end: the greatest positive signed 64-bit number, since windows are compared as signed. */
const FOREVER = (1n << 63n) - 1n;

/** A word of a slot, by its name. */
export type SlotField = keyof typeof SLOT.offsets;

/** The shape of the map for so many slots, a power of two. */
export function configMapOptions(slots: number) {
  return {
    type: MapType.array,
    keyBytes: 4,
    valueBytes: SLOTS_OFFSET + slots * SLOT_BYTES,
    entries: 1,
    flags: MAP_MMAPABLE,
  };
}

/** The words of a live probe's slot that its specification sets. @param table byte offset of its quantile table */
export function slotWords(spec: ProbeSpec, table = 0) {
  const { delay, schedule } = spec;
  const fixed = delay.kind === "fixed";
  const end = schedule.durationNs === null ? FOREVER : BigInt(schedule.startNs) + BigInt(schedule.durationNs);
  let flags = SlotFlag.live;
  if (!fixed || delay.ns > 0) flags |= SlotFlag.timed;
  if (!fixed) flags |= SlotFlag.distribution;
  if (spec.compensate) flags |= SlotFlag.compensate;
  return {
    delayNs: fixed ? BigInt(delay.ns) : 0n,
    every: BigInt(schedule.every),
    threshold: BigInt(Math.round(schedule.probability * 2 ** 32)),
    times: schedule.times === null ? FOREVER : BigInt(schedule.times),
    startNs: BigInt(schedule.startNs),
    endNs: end,
    table: BigInt(table),
    flags: BigInt(flags),
  } satisfies Partial<Record<SlotField, bigint>>;
}

/** The map and its mapping, owned. */
export class ConfigMemory implements Disposable {
  readonly map: BpfMap;
  readonly #memory: MappedMap;

  /** @param slots a power of two, for a new map; or a map of {@linkcode configMapOptions}, taken over. @throws SbError `kernel.refused` */
  constructor(slots: number | BpfMap) {
    this.map = typeof slots === "number" ? new BpfMap("sb_config", configMapOptions(slots)) : slots;
    this.#memory = new MappedMap(this.map);
  }

  /** A word of the header. */
  header(field: keyof typeof HEADER.offsets): bigint {
    return this.#memory.load(HEADER.offsets[field]);
  }

  setHeader(field: keyof typeof HEADER.offsets, value: bigint): void {
    this.#memory.store(HEADER.offsets[field], value);
  }

  /** The floor of a class, nanoseconds. @param classNumber 1 to 31; 0 is always zero */
  setFloor(classNumber: number, ns: number): void {
    this.#memory.store(FLOORS_OFFSET + classNumber * 8, BigInt(ns));
  }

  floor(classNumber: number): number {
    return Number(this.#memory.load(FLOORS_OFFSET + classNumber * 8));
  }

  setSlot(index: number, field: SlotField, value: bigint): void {
    this.#memory.store(SLOTS_OFFSET + index * SLOT_BYTES + SLOT.offsets[field], value);
  }

  slot(index: number, field: SlotField): bigint {
    return this.#memory.load(SLOTS_OFFSET + index * SLOT_BYTES + SLOT.offsets[field]);
  }

  /** Cuts the delays in flight of a slot. */
  nextGeneration(index: number): void {
    this.#memory.add(SLOTS_OFFSET + index * SLOT_BYTES + SLOT.offsets.generation, 1n);
  }

  /**
   * Writes a probe's slot, live from the last store on.
   *
   * @param table byte offset of its quantile table
   */
  writeSlot(index: number, spec: ProbeSpec, table = 0): void {
    const words = Object.entries(slotWords(spec, table)) as [SlotField, bigint][];
    for (const [field, value] of words) this.setSlot(index, field, value);
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}
