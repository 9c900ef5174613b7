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

const FILE_BYTES = 8192;
const LOOP_OFFSET = 128;
const STUBS_OFFSET = 4096;
const STUB_BYTES = 64;

/** An ELF file with one executable segment, the whole file: the kernel module probes nothing else. */
function elfImage(): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(FILE_BYTES);
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
    const image = elfImage();
    image.set(LOOP[Deno.build.arch], LOOP_OFFSET);
    this.offsets = stubs.map((stub, index) => {
      const offset = STUBS_OFFSET + index * STUB_BYTES;
      image.set(stub, offset);
      return offset;
    });
    const MFD_CLOEXEC = 1;
    const fd = checkedSystemCall(
      "make a calibration file",
      "memfd_create",
      cString("sb-calibration"),
      MFD_CLOEXEC,
    );
    this.#file = undo.use(new OwnedFd(fd, "calibration"));
    checkedSystemCall("write the calibration code", "write", fd, image, image.length);
    this.#memory = undo.use(
      new MappedMemory({
        sizeBytes: image.length,
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
