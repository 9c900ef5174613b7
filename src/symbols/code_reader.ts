/** The executable bytes of a file, what branches where in them, and where functions begin. */
import { decodeX86 } from "../code/mod.ts";
import { Elf, openElf } from "../../ffi/mod.ts";

/** Above this, branches from other functions are not looked for: the scan would cost more than it finds. */
const MAX_SCAN_BYTES = 8 * 2 ** 20;

/** An executable segment. */
export interface CodeSegment {
  fileOffset: number;
  bytes: Uint8Array;
  /** Address minus file offset. */
  biasBytes: number;
}

/** The code of one file; addresses are file offsets throughout. */
export class Code {
  readonly segments: readonly CodeSegment[];
  /** Offsets at which symbols say that a function begins; `.cold` parts are none. */
  readonly entries: ReadonlySet<number>;
  /** Whether the file has C++ exception tables. */
  readonly exceptions: boolean;
  #targets = new Map<CodeSegment, Uint8Array>();

  /** @throws SbError `file.not_elf`, `file.not_found`, `file.unreadable`, `library.missing` */
  constructor(path: string) {
    using elf = openElf(path);
    this.segments = elf.segments
      .filter(({ type, flags }) => type === Elf.segment.load && flags & Elf.segmentFlag.execute)
      .map((segment) => ({
        fileOffset: segment.fileOffset,
        bytes: elf.bytes(segment.fileOffset, segment.fileBytes),
        biasBytes: Number(segment.address) - segment.fileOffset,
      }));
    this.exceptions = elf.section(".gcc_except_table") !== undefined;
    const entries = new Set<number>();
    for (const table of elf.sections) {
      if (table.type !== Elf.section.symtab && table.type !== Elf.section.dynsym) continue;
      const strings = elf.sections.find(({ index }) => index === table.link);
      const names = strings ? elf.data(strings) : new Uint8Array();
      const bytes = elf.data(table);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at + 24 <= bytes.length; at += 24) { // Elf64_Sym, elf(5)
        if ((bytes[at + 4] & 15) !== 2) continue;
        const address = Number(view.getBigUint64(at + 8, true));
        const start = view.getUint32(at, true);
        const end = names.indexOf(0, start);
        if (new TextDecoder().decode(names.subarray(start, end)).includes(".cold")) continue;
        for (const { biasBytes, fileOffset, bytes: code } of this.segments) {
          const offset = address - biasBytes;
          if (offset >= fileOffset && offset < fileOffset + code.length) entries.add(offset);
        }
      }
    }
    this.entries = entries;
  }

  /** The executable segment that holds a file offset. */
  segmentAt(fileOffset: number): CodeSegment | undefined {
    return this.segments.find((segment) =>
      fileOffset >= segment.fileOffset && fileOffset < segment.fileOffset + segment.bytes.length
    );
  }

  /** Whether a direct branch in the segment goes to the offset; false where the segment is over 8 MiB. */
  isTarget(fileOffset: number): boolean {
    const segment = this.segmentAt(fileOffset);
    if (!segment || segment.bytes.length > MAX_SCAN_BYTES) return false;
    let marks = this.#targets.get(segment);
    if (!marks) this.#targets.set(segment, marks = scan(segment.bytes));
    return marks[fileOffset - segment.fileOffset] === 1;
  }
}

function scan(bytes: Uint8Array): Uint8Array {
  const marks = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length;) {
    const found = decodeX86(bytes, at);
    if (found?.target !== undefined && found.target >= 0) marks[found.target] = 1;
    at += found ? found.lengthBytes : 1;
  }
  return marks;
}
