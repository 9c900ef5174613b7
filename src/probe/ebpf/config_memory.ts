/** The `config` map as memory: the header and the slots, written by sb and read by its programs at once. */
import { BpfMap, MAP_MMAPABLE, MapFlags, MappedMemory, MapType } from "../../../ffi/mod.ts";
import type { ProbeSpec } from "../model.ts";
import { FLOORS_OFFSET, HEADER, SLOT, SLOT_BYTES, SlotFlag, SLOTS_OFFSET } from "./layout.ts";

/** No limit, no end: the greatest positive signed 64-bit number, since windows are compared as signed. */
const FOREVER = (1n << 63n) - 1n;
const PAGE = 4096;

/** The map and its mapping, owned. */
export class ConfigMemory implements Disposable {
  readonly map: BpfMap;
  readonly #memory: MappedMemory;
  readonly #words: BigUint64Array;

  /** @param slots a power of two @throws SbError `kernel.refused` */
  constructor(slots: number) {
    const bytes = SLOTS_OFFSET + slots * SLOT_BYTES;
    this.map = new BpfMap("sb_config", {
      type: MapType.array,
      keyBytes: 4,
      valueBytes: bytes,
      entries: 1,
      flags: MAP_MMAPABLE,
    });
    try {
      this.#memory = new MappedMemory({
        sizeBytes: Math.ceil(bytes / PAGE) * PAGE,
        protection: MapFlags.read | MapFlags.write,
        flags: MapFlags.shared,
        fd: this.map.fd.fd,
      });
    } catch (error) {
      this.map[Symbol.dispose]();
      throw error;
    }
    const view = this.#memory.bytes();
    this.#words = new BigUint64Array(view.buffer, 0, view.length / 8);
  }

  /** A word of the header. */
  header(field: keyof typeof HEADER.offsets): bigint {
    return Atomics.load(this.#words, HEADER.offsets[field] / 8);
  }

  setHeader(field: keyof typeof HEADER.offsets, value: bigint): void {
    Atomics.store(this.#words, HEADER.offsets[field] / 8, value);
  }

  /** The floor of a class, nanoseconds. @param classNumber 1 to 31; 0 is always zero */
  setFloor(classNumber: number, ns: number): void {
    Atomics.store(this.#words, FLOORS_OFFSET / 8 + classNumber, BigInt(ns));
  }

  floor(classNumber: number): number {
    return Number(Atomics.load(this.#words, FLOORS_OFFSET / 8 + classNumber));
  }

  setSlot(index: number, field: keyof typeof SLOT.offsets, value: bigint): void {
    Atomics.store(this.#words, (SLOTS_OFFSET + index * SLOT_BYTES + SLOT.offsets[field]) / 8, value);
  }

  slot(index: number, field: keyof typeof SLOT.offsets): bigint {
    return Atomics.load(this.#words, (SLOTS_OFFSET + index * SLOT_BYTES + SLOT.offsets[field]) / 8);
  }

  /**
   * Writes a probe's slot, live from the last store on.
   *
   * @param table byte offset of its quantile table
   */
  writeSlot(index: number, spec: ProbeSpec, table = 0): void {
    const { delay, schedule } = spec;
    const fixed = delay.kind === "fixed";
    const end = schedule.durationNs === null
      ? FOREVER
      : BigInt(schedule.startNs) + BigInt(schedule.durationNs);
    this.setSlot(index, "delayNs", fixed ? BigInt(delay.ns) : 0n);
    this.setSlot(index, "every", BigInt(schedule.every));
    this.setSlot(index, "threshold", BigInt(Math.round(schedule.probability * 2 ** 32)));
    this.setSlot(index, "times", schedule.times === null ? FOREVER : BigInt(schedule.times));
    this.setSlot(index, "startNs", BigInt(schedule.startNs));
    this.setSlot(index, "endNs", end);
    this.setSlot(index, "table", BigInt(table));
    let flags = SlotFlag.live;
    if (!fixed || delay.ns > 0) flags |= SlotFlag.timed;
    if (!fixed) flags |= SlotFlag.distribution;
    if (spec.compensate) flags |= SlotFlag.compensate;
    this.setSlot(index, "flags", BigInt(flags));
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
    this.map[Symbol.dispose]();
  }
}
