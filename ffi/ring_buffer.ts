/** BPF_MAP_TYPE_RINGBUF from user space: mapped pages, and waiting for records. Layout: Documentation/bpf/ringbuf.rst. */
import { BpfMap, MapType } from "./bpf.ts";
import { MapFlags, MappedMemory } from "./mmap.ts";
import { OwnedFd } from "./fd.ts";
import { blockingSystemCall, checkedSystemCall, systemCall } from "./syscall.ts";

const PAGE = 4096;
const BUSY = 1 << 31;
const DISCARDED = 1 << 30;
const POLLIN = 1;

/** A ring buffer and its reader, owned. Records come in the order of the kernel's reservations. */
export class RingBuffer implements AsyncDisposable {
  readonly map: BpfMap;
  readonly #sizeBytes: number;
  readonly #wake: OwnedFd;
  readonly #consumer: MappedMemory;
  readonly #producer: MappedMemory;
  #waiting: Promise<unknown> | undefined;
  #closed = false;

  /** @param sizeBytes a power of two, at least a page @throws SbError `kernel.refused` */
  constructor(name: string, sizeBytes: number) {
    using undo = new DisposableStack();
    this.#sizeBytes = sizeBytes;
    this.map = undo.use(
      new BpfMap(name, { type: MapType.ringbuf, keyBytes: 0, valueBytes: 0, entries: sizeBytes }),
    );
    const EFD_CLOEXEC = 0o2000000;
    const wake = checkedSystemCall("make an eventfd", "eventfd2", 0, EFD_CLOEXEC);
    this.#wake = undo.use(new OwnedFd(wake, "ring buffer wake-up"));
    const fd = this.map.fd.fd;
    const flags = MapFlags.shared;
    const protection = MapFlags.read;
    this.#consumer = undo.use(
      new MappedMemory({ sizeBytes: PAGE, protection: MapFlags.read | MapFlags.write, flags, fd }),
    );
    // The data pages are mapped twice in a row, so that no record is ever split.
    this.#producer = undo.use(
      new MappedMemory({ sizeBytes: PAGE + 2 * sizeBytes, protection, flags, fd, offset: PAGE }),
    );
    undo.move();
  }

  /** Takes every record that is complete. */
  read(): Uint8Array<ArrayBuffer>[] {
    const consumer = new BigUint64Array(this.#consumer.bytes().buffer, 0, 1);
    const pages = this.#producer.bytes();
    const producer = new BigUint64Array(pages.buffer, 0, 1);
    const view = new DataView(pages.buffer);
    const records: Uint8Array<ArrayBuffer>[] = [];
    let position = Atomics.load(consumer, 0);
    while (position < Atomics.load(producer, 0)) {
      const at = PAGE + Number(position & BigInt(this.#sizeBytes - 1));
      const header = view.getUint32(at, true);
      if (header & BUSY) break;
      const length = header & ~(BUSY | DISCARDED);
      if (!(header & DISCARDED)) records.push(pages.slice(at + 8, at + 8 + length));
      position += BigInt(Math.ceil((8 + length) / 8) * 8);
      Atomics.store(consumer, 0, position);
    }
    return records;
  }

  /** Waits until there may be records. @returns false when the buffer was closed */
  async wait(): Promise<boolean> {
    if (this.#closed) return false;
    const fds = new Uint8Array(128);
    const view = new DataView(fds.buffer);
    [this.map.fd.fd, this.#wake.fd].forEach((fd, index) => {
      view.setInt32(index * 8, fd, true);
      view.setInt16(index * 8 + 4, POLLIN, true);
    });
    this.#waiting = blockingSystemCall("ppoll", fds, 2, 0, 0, 0);
    await this.#waiting;
    return !this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const one = new Uint8Array(new BigUint64Array([1n]).buffer);
    systemCall("write", this.#wake.fd, one, 8);
    await this.#waiting;
    this.#consumer[Symbol.dispose]();
    this.#producer[Symbol.dispose]();
    this.#wake[Symbol.dispose]();
    this.map[Symbol.dispose]();
  }
}
