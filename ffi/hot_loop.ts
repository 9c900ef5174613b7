/** Calls a machine-code function many times without JavaScript in between: what calibration times. */
import { EHDR, Elf, PHDR } from "./elf_layout.ts";
import { MapFlags, MappedMemory } from "./mmap.ts";
import { OwnedFd } from "./fd.ts";
import { checkedSystemCall, cString } from "./syscall.ts";

/** `void loop(uint64_t count, void (*function)(void))` */
const LOOP: Record<string, readonly number[]> = {
  // push %rbx; push %r12; mov %rdi,%rbx; mov %rsi,%r12; 1: call *%r12; dec %rbx; jne 1b; pop %r12; pop %rbx; ret
  x86_64: [
    0x53,
    0x41,
    0x54,
    0x48,
    0x89,
    0xfb,
    0x49,
    0x89,
    0xf4,
    0x41,
    0xff,
    0xd4,
    0x48,
    0xff,
    0xcb,
    0x75,
    0xf8,
    0x41,
    0x5c,
    0x5b,
    0xc3,
  ],
  // stp x29,x30,[sp,#-32]!; stp x19,x20,[sp,#16]; mov x19,x0; mov x20,x1; 1: blr x20; subs x19,x19,#1; b.ne 1b;
  // ldp x19,x20,[sp,#16]; ldp x29,x30,[sp],#32; ret
  aarch64: [
    0xa9be7bfd,
    0xa90153f3,
    0xaa0003f3,
    0xaa0103f4,
    0xd63f0280,
    0xf1000673,
    0x54ffffc1,
    0xa94153f3,
    0xa8c27bfd,
    0xd65f03c0,
  ].flatMap((word) => [word & 0xff, word >>> 8 & 0xff, word >>> 16 & 0xff, word >>> 24]),
};

const HEAD_BYTES = 4096;
const LOOP_OFFSET = 128;
const STUBS_OFFSET = 65_536;
const STUB_BYTES = 64;
const STUB_PLACES = 16_384;
/** All but a few pages of it are holes. */
const FILE_BYTES = STUBS_OFFSET + STUB_PLACES * STUB_BYTES;

/**
 * Where stubs are in the file: each at a place that its code alone says, the next free one if that is taken.
 *
 * A thread that is killed while it takes a breakpoint out leaves the kernel's record of it behind ("failed to unregister, leaking
 * uprobe", kernel/events/uprobes.c), with the instruction as it was, under the address of the inode. That of another process's
 * file may be the same later: what stands at an offset must always be the same code.
 */
export function stubOffsets(stubs: readonly (readonly number[])[]): number[] {
  const taken = new Set<number>();
  return stubs.map((stub) => {
    // FNV-1a, 32 bits.
    let place = stub.reduce((hash, byte) => Math.imul(hash ^ byte, 0x0100_0193), 0x811c_9dc5) >>> 0;
    do place = (place + 1) % STUB_PLACES; while (taken.has(place));
    taken.add(place);
    return STUBS_OFFSET + place * STUB_BYTES;
  });
}

/** The head of an ELF file with one executable segment, the whole file: the kernel module probes nothing else. */
function elfHead(): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(HEAD_BYTES);
  const view = new DataView(image.buffer);
  EHDR.write(view, 0, {
    identLow: 0x0001_0102_464c_457fn, // \x7fELF, 64 bits, little endian, version 1
    type: Elf.type.dyn,
    machine: Deno.build.arch === "x86_64" ? Elf.machine.x86_64 : Elf.machine.aarch64,
    version: 1,
    phoff: BigInt(EHDR.sizeBytes),
    ehsize: EHDR.sizeBytes,
    phentsize: PHDR.sizeBytes,
    phnum: 1,
  });
  PHDR.write(view, EHDR.sizeBytes, {
    type: Elf.segment.load,
    flags: Elf.segmentFlag.read | Elf.segmentFlag.execute,
    filesz: BigInt(FILE_BYTES),
    memsz: BigInt(FILE_BYTES),
    align: 4096n,
  });
  return image;
}

/** Byte stubs in a file of their own (so that a uprobe can be put on them), executable in this process. */
export class HotLoop implements Disposable {
  readonly #file: OwnedFd;
  readonly #memory: MappedMemory;
  readonly #call: Deno.UnsafeFnPointer<{ parameters: ["u64", "u64"]; result: "void" }>;
  /** Offsets of the stubs in the file, in the order given. */
  readonly offsets: readonly number[];

  /** @param stubs machine code that returns. @throws SbError `kernel.refused` */
  constructor(stubs: readonly (readonly number[])[]) {
    using undo = new DisposableStack();
    const head = elfHead();
    head.set(LOOP[Deno.build.arch], LOOP_OFFSET);
    this.offsets = stubOffsets(stubs);
    const MFD_CLOEXEC = 1;
    const fd = checkedSystemCall(
      "make a calibration file",
      "memfd_create",
      cString("sb-calibration"),
      MFD_CLOEXEC,
    );
    this.#file = undo.use(new OwnedFd(fd, "calibration"));
    checkedSystemCall("make room for the calibration code", "ftruncate", fd, FILE_BYTES);
    const write = (bytes: Uint8Array<ArrayBuffer>, offset: number) =>
      checkedSystemCall("write the calibration code", "pwrite64", fd, bytes, bytes.length, offset);
    write(head, 0);
    stubs.forEach((stub, index) => write(Uint8Array.from(stub), this.offsets[index]));
    this.#memory = undo.use(
      new MappedMemory({
        sizeBytes: FILE_BYTES,
        protection: MapFlags.read | MapFlags.exec,
        flags: MapFlags.private,
        fd,
      }),
    );
    const entry = Deno.UnsafePointer.create(this.#memory.address + BigInt(LOOP_OFFSET)) as Deno.PointerObject;
    this.#call = new Deno.UnsafeFnPointer(entry as Deno.PointerObject<never>, {
      parameters: ["u64", "u64"],
      result: "void",
    });
    undo.move();
  }

  /** A path to the file that holds the stubs. */
  get path(): string {
    return this.#file.path;
  }

  /** Calls a stub `count` times. */
  run(stub: number, count: number): void {
    this.#call.call(BigInt(count), this.#memory.address + BigInt(this.offsets[stub]));
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
    this.#file[Symbol.dispose]();
  }
}
