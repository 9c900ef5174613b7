/** A map of one value that sb has in its memory: what programs write is seen at once, and the other way round. */
import { type BpfMap, MapFlags, MappedMemory } from "../../../ffi/mod.ts";

const PAGE = 4096;

/** The map and its mapping, owned. The map is an array of one entry, made with MAP_MMAPABLE. */
export class MappedMap implements Disposable {
  readonly map: BpfMap;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #memory: MappedMemory;
  readonly #words: BigUint64Array;

  /** Takes the map over. @throws SbError `kernel.refused` */
  constructor(map: BpfMap) {
    this.map = map;
    try {
      this.#memory = new MappedMemory({
        sizeBytes: Math.ceil(map.options.valueBytes / PAGE) * PAGE,
        protection: MapFlags.read | MapFlags.write,
        flags: MapFlags.shared,
        fd: map.fd.fd,
      });
    } catch (error) {
      map[Symbol.dispose]();
      throw error;
    }
    this.bytes = this.#memory.bytes();
    this.#words = new BigUint64Array(this.bytes.buffer, 0, this.bytes.length / 8);
  }

  /** The word at a byte offset, a multiple of 8. */
  load(offsetBytes: number): bigint {
    return Atomics.load(this.#words, offsetBytes / 8);
  }

  store(offsetBytes: number, value: bigint): void {
    Atomics.store(this.#words, offsetBytes / 8, value);
  }

  add(offsetBytes: number, value: bigint): void {
    Atomics.add(this.#words, offsetBytes / 8, value);
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
    this.map[Symbol.dispose]();
  }
}
