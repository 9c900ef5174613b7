/** Memory from mmap(2): pages outside JavaScript's heap, owned, with a view on them. */
import { checkedSystemCall, systemCall } from "./syscall.ts";

/** mmap(2) protection and flags, asm-generic/mman-common.h. */
export const MapFlags = { read: 1, write: 2, exec: 4, shared: 1, private: 2, anonymous: 0x20 } as const;

/** What to map. */
export interface MapOptions {
  sizeBytes: number;
  protection: number;
  flags: number;
  fd?: number;
  offset?: number;
}

/** A mapping with one owner; disposing unmaps it. Its views must not be used after that. */
export class MappedMemory implements Disposable {
  readonly address: bigint;
  readonly sizeBytes: number;
  #mapped = true;

  /** @throws SbError `kernel.refused` */
  constructor(options: MapOptions) {
    this.sizeBytes = options.sizeBytes;
    this.address = BigInt(
      checkedSystemCall(
        "map memory",
        "mmap",
        0,
        options.sizeBytes,
        options.protection,
        options.flags,
        options.fd ?? -1,
        options.offset ?? 0,
      ),
    );
  }

  /** Private, zeroed, readable and writable pages. @param sizeBytes rounded up to whole pages by the kernel */
  static anonymous(sizeBytes: number): MappedMemory {
    return new MappedMemory({
      sizeBytes,
      protection: MapFlags.read | MapFlags.write,
      flags: MapFlags.private | MapFlags.anonymous,
    });
  }

  /** The bytes themselves, not a copy. */
  bytes(): Uint8Array<ArrayBuffer> {
    const pointer = Deno.UnsafePointer.create(this.address) as Deno.PointerObject;
    return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, this.sizeBytes));
  }

  [Symbol.dispose](): void {
    if (this.#mapped) systemCall("munmap", this.address, this.sizeBytes);
    this.#mapped = false;
  }
}
