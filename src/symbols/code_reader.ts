/** The executable bytes of a file, where functions begin and end in them, and what far branches go to. */
import { Elf, type ElfFile, openElf } from "../../ffi/mod.ts";
import { type Decoder, decoderOf } from "../code/mod.ts";
import { readDynamic } from "./dynamic.ts";
import { Frames } from "./frames.ts";
import { branchTargets } from "./branch_targets.ts";
import type { TargetFile } from "./model.ts";

/** An executable segment. */
export interface CodeSegment {
  fileOffset: number;
  bytes: Uint8Array;
  /** Address minus file offset. */
  biasBytes: number;
}

/** A stretch of code, by file offset. */
export interface CodeRange {
  start: number;
  end: number;
}

/** Libraries whose presence says that exceptions are about. */
const EXCEPTION_LIBRARIES = /^lib(stdc\+\+|c\+\+|c\+\+abi|supc\+\+|gcc_s)[.-]/;

/** The code of one file; addresses are file offsets throughout. */
export class Code {
  readonly decoder: Decoder;
  readonly machine: TargetFile["machine"];
  readonly segments: readonly CodeSegment[];
  /** Functions that symbols name, with their size (0 where unknown); `.cold` parts are none. */
  readonly entries: ReadonlyMap<number, number>;
  /** What symbols call `.cold` parts, with their size. */
  readonly coldParts: ReadonlyMap<number, number>;
  readonly frames: Frames;
  /** Whether C++ (or Rust) exceptions may cross its functions: it has exception tables, or a C++ library. */
  readonly exceptions: boolean;
  /** Procedure linkage tables: a jump into one is a tail call. */
  readonly #linkage: readonly CodeRange[];
  readonly #data: readonly { address: number; bytes: Uint8Array }[];
  #targets = new Map<CodeSegment, Uint8Array>();
  #starts: Float64Array | undefined;

  /** @throws SbError `file.not_elf`, `file.not_found`, `file.unreadable`, `library.missing` */
  constructor(path: string, machine: TargetFile["machine"]) {
    using elf = openElf(path);
    this.machine = machine;
    this.decoder = decoderOf(machine);
    this.segments = elf.segments
      .filter(({ type, flags }) => type === Elf.segment.load && flags & Elf.segmentFlag.execute)
      .map((segment) => ({
        fileOffset: segment.fileOffset,
        bytes: elf.bytes(segment.fileOffset, segment.fileBytes),
        biasBytes: Number(segment.address) - segment.fileOffset,
      }));
    this.exceptions = elf.section(".gcc_except_table") !== undefined ||
      readDynamic(elf).needed.some((name) => EXCEPTION_LIBRARIES.test(name));
    this.#linkage = elf.sections.filter(({ name, type }) =>
      /^\.plt/.test(name) && type === Elf.section.progbits
    ).map(({ fileOffset, sizeBytes }) => ({ start: fileOffset, end: fileOffset + sizeBytes }));
    this.#data = elf.sections.filter(({ name }) => /^\.(data\.rel\.ro|rodata)/.test(name))
      .map((section) => ({ address: Number(section.address), bytes: elf.data(section) }));
    this.frames = new Frames(elf, machine, (address) => this.fileOffsetOf(address));
    const entries = new Map<number, number>();
    const coldParts = new Map<number, number>();
    for (const table of elf.sections) {
      if (table.type === Elf.section.symtab || table.type === Elf.section.dynsym) {
        this.#readSymbols(elf, { table, entries, coldParts });
      }
    }
    this.entries = entries;
    this.coldParts = coldParts;
  }

  /** The executable segment that holds a file offset. */
  segmentAt(fileOffset: number): CodeSegment | undefined {
    return this.segments.find((segment) =>
      fileOffset >= segment.fileOffset && fileOffset < segment.fileOffset + segment.bytes.length
    );
  }

  /** The file offset of an address in an executable segment; null when it is in none. */
  fileOffsetOf(address: number): number | null {
    for (const { biasBytes, fileOffset, bytes } of this.segments) {
      const offset = address - biasBytes;
      if (offset >= fileOffset && offset < fileOffset + bytes.length) return offset;
    }
    return null;
  }

  /** Read-only data at an address: jump tables; null where there is none. */
  dataAt(address: number, sizeBytes: number): DataView | null {
    for (const { address: start, bytes } of this.#data) {
      const at = address - start;
      if (at >= 0 && at + sizeBytes <= bytes.length) {
        return new DataView(bytes.buffer, bytes.byteOffset + at, sizeBytes);
      }
    }
    return null;
  }

  /** Whether an offset is in a procedure linkage table. */
  isLinkage(fileOffset: number): boolean {
    return this.#linkage.some(({ start, end }) => fileOffset >= start && fileOffset < end);
  }

  /**
   * The end of the function that begins at an offset: what its symbol says, else its frame, else where the next one
   * begins.
   */
  endOf(start: number, sizeBytes = 0): number {
    const size = sizeBytes || this.entries.get(start) || this.coldParts.get(start);
    if (size) return start + size;
    const frame = this.frames.at(start);
    if (frame?.start === start) return frame.end;
    const segment = this.segmentAt(start);
    const end = segment ? segment.fileOffset + segment.bytes.length : start;
    return Math.min(frame?.end ?? end, this.boundaryAfter(start) ?? end);
  }

  /** The nearest known start of a function, or of a part of one, at or below an offset. */
  boundaryAt(fileOffset: number): number | undefined {
    const starts = this.#boundaries();
    return starts[after(starts, fileOffset) - 1];
  }

  /** The nearest known start above an offset. */
  boundaryAfter(fileOffset: number): number | undefined {
    const starts = this.#boundaries();
    return starts[after(starts, fileOffset)];
  }

  /**
   * Whether a branch with a 32-bit displacement, anywhere in the segment, goes to the offset. Bytes that only look
   * like one count: some one in 200,000.
   */
  isFarTarget(fileOffset: number): boolean {
    const segment = this.segmentAt(fileOffset);
    if (!segment) return false;
    let marks = this.#targets.get(segment);
    if (!marks) this.#targets.set(segment, marks = branchTargets(segment.bytes, this.machine));
    return marks[fileOffset - segment.fileOffset] === 1;
  }

  #boundaries(): Float64Array {
    return this.#starts ??= Float64Array.from(
      new Set([
        ...this.entries.keys(),
        ...this.coldParts.keys(),
        ...this.frames.all.map(({ start }) => start),
        ...this.#linkage.flatMap(({ start, end }) => [start, end]),
        ...this.segments.map(({ fileOffset }) => fileOffset),
      ]),
    ).sort();
  }

  #readSymbols(
    elf: ElfFile,
    into: {
      table: ElfFile["sections"][number];
      entries: Map<number, number>;
      coldParts: Map<number, number>;
    },
  ): void {
    const strings = elf.sections.find(({ index }) => index === into.table.link);
    const names = strings ? elf.data(strings) : new Uint8Array();
    const bytes = elf.data(into.table);
    const words = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
    for (let at = 0; at + 6 <= words.length; at += 6) { // Elf64_Sym, elf(5)
      const type = words[at + 1] & 15;
      if (type !== 2 && type !== 10 || words[at + 1] >>> 16 === 0) continue; // FUNC or GNU_IFUNC, defined
      const start = this.fileOffsetOf(words[at + 2] + words[at + 3] * 2 ** 32);
      if (start === null) continue;
      const kind = isCold(names, words[at]) ? into.coldParts : into.entries;
      kind.set(start, Math.max(kind.get(start) ?? 0, words[at + 4]));
    }
  }
}

/** How many of the sorted starts are at or below an offset. */
function after(starts: Float64Array, offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

const COLD = new TextEncoder().encode(".cold");

/** Whether a name has `.cold` in it, found in its bytes: 300,000 names are not decoded for it. */
function isCold(names: Uint8Array, start: number): boolean {
  for (let at = start; at < names.length && names[at] !== 0; at++) {
    if (names[at] === COLD[0] && COLD.every((byte, index) => names[at + index] === byte)) return true;
  }
  return false;
}
