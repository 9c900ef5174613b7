/** Line tables through libdw: the compilation units of a file, their sources, rows and functions. */
import { libdw } from "./raw/libdw.ts";
import { openFd, type OwnedFd } from "./fd.ts";

const DWARF_C_READ = 0;
const DW_TAG_INLINED_SUBROUTINE = 0x1d;
const DW_TAG_SUBPROGRAM = 0x2e;
/** sizeof(Dwarf_Die) on 64-bit machines: addr, cu, abbrev, padding (libdw.h). */
const DIE_BYTES = 32;
/** A damaged file may describe more units than any real one has. */
const MAX_UNITS = 1_000_000;

/** A row of a line table that begins a statement. */
export interface LineRow {
  address: bigint;
  line: number;
  /** The source as the table has it, its directory put before. */
  source: string;
}

/** Scratch for results: libdw writes, the next statement reads. */
const pair = [new BigUint64Array(1), new BigUint64Array(1), new BigUint64Array(1)] as const;
const number = new Int32Array(1);
const flag = new Uint8Array(1);
const small = [new BigUint64Array(1), new Uint8Array(1), new Uint8Array(1)] as const;

function textAt(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** A compilation unit; alive as long as its file is open. */
export class DwarfUnit {
  readonly #die: Uint8Array<ArrayBuffer>;

  constructor(die: Uint8Array<ArrayBuffer>) {
    this.#die = die;
  }

  /** The paths of its file table; empty when it has none, or when it is damaged. */
  sources(): string[] {
    const { symbols } = libdw;
    if (symbols.dwarf_getsrcfiles(this.#die, pair[0], pair[1]) !== 0) return [];
    const files = Deno.UnsafePointer.create(pair[0][0]);
    if (files === null) return [];
    const count = Number(pair[1][0]);
    const paths: string[] = [];
    for (let index = 0; index < count; index++) {
      const path = textAt(symbols.dwarf_filesrc(files, BigInt(index), null, null));
      if (path !== "") paths.push(path);
    }
    return paths;
  }

  /** The rows that begin a statement in a wanted source, by address within each sequence. */
  rows(wanted: (source: string) => boolean): LineRow[] {
    const { symbols } = libdw;
    if (symbols.dwarf_getsrclines(this.#die, pair[0], pair[1]) !== 0) return [];
    const lines = Deno.UnsafePointer.create(pair[0][0]);
    if (lines === null) return [];
    const count = Number(pair[1][0]);
    // Rows of one source share the string, so its address says whether it is wanted.
    const known = new Map<bigint, string | null>();
    const rows: LineRow[] = [];
    for (let index = 0; index < count; index++) {
      const row = symbols.dwarf_onesrcline(lines, BigInt(index));
      if (row === null) continue;
      const text = symbols.dwarf_linesrc(row, null, null);
      if (text === null) continue;
      const key = Deno.UnsafePointer.value(text) as bigint;
      let source = known.get(key);
      if (source === undefined) {
        const path = textAt(text);
        known.set(key, source = wanted(path) ? path : null);
      }
      if (source === null) continue;
      if (symbols.dwarf_linebeginstatement(row, flag) !== 0 || flag[0] === 0) continue;
      if (symbols.dwarf_lineendsequence(row, flag) !== 0 || flag[0] !== 0) continue;
      if (symbols.dwarf_lineno(row, number) !== 0 || number[0] <= 0) continue;
      if (symbols.dwarf_lineaddr(row, pair[2]) !== 0) continue;
      rows.push({ address: pair[2][0], line: number[0], source });
    }
    return rows;
  }

  /** Whether the unit says that it has code at the address; a damaged unit does not. */
  covers(address: bigint): boolean {
    return libdw.symbols.dwarf_haspc(this.#die, address) === 1;
  }

  /** The row that covers an address. */
  rowAt(address: bigint): LineRow | null {
    const { symbols } = libdw;
    const row = symbols.dwarf_getsrc_die(this.#die, address);
    if (row === null || symbols.dwarf_lineno(row, number) !== 0) return null;
    if (symbols.dwarf_lineaddr(row, pair[2]) !== 0) return null;
    const source = textAt(symbols.dwarf_linesrc(row, null, null));
    return source === "" ? null : { address: pair[2][0], line: number[0], source };
  }

  /**
   * A key for the innermost function or inlined copy around an address, and for the contiguous piece of it:
   * a function may be split into a hot and a cold piece. Null where no function is described.
   */
  functionAt(address: bigint): string | null {
    const { symbols } = libdw;
    const count = symbols.dwarf_getscopes(this.#die, address, pair[0]);
    if (count <= 0) return null;
    const scopes = pair[0][0];
    try {
      for (let index = 0; index < count; index++) {
        const die = Deno.UnsafePointer.create(scopes + BigInt(index * DIE_BYTES));
        const tag = symbols.dwarf_tag(die);
        if (tag !== DW_TAG_SUBPROGRAM && tag !== DW_TAG_INLINED_SUBROUTINE) continue;
        return `${symbols.dwarf_dieoffset(die)}:${rangeAround(die, address)}`;
      }
      return null;
    } finally {
      symbols.free(Deno.UnsafePointer.create(scopes));
    }
  }
}

/** The start of the piece of a DIE's ranges that has the address. */
function rangeAround(die: Deno.PointerValue, address: bigint): bigint {
  let offset = 0n;
  for (let pieces = 0; pieces < 10_000; pieces++) {
    offset = BigInt(libdw.symbols.dwarf_ranges(die, offset, pair[0], pair[1], pair[2]));
    if (offset <= 0n) break;
    if (pair[1][0] <= address && address < pair[2][0]) return pair[1][0];
  }
  return 0n;
}

/** A file's DWARF, open. */
export class DwarfFile implements Disposable {
  #fd: OwnedFd | undefined;
  #handle: Deno.PointerValue = null;

  /** @throws SbError `library.missing`, `kernel.refused` when the file cannot be opened */
  constructor(path: string) {
    const { symbols } = libdw;
    this.#fd = openFd(path);
    // Null for files without DWARF and for damaged ones alike: neither has units.
    this.#handle = symbols.dwarf_begin(this.#fd.fd, DWARF_C_READ);
  }

  /** The compilation units, as far as they can be read. */
  *units(): Generator<DwarfUnit> {
    const { symbols } = libdw;
    let offset = 0n;
    for (let count = 0; count < MAX_UNITS && this.#handle !== null; count++) {
      const next = new BigUint64Array(1);
      const header = new BigUint64Array(1);
      const found = symbols.dwarf_nextcu(this.#handle, offset, next, header, small[0], small[1], small[2]);
      if (found !== 0 || next[0] <= offset) return;
      const die = new Uint8Array(DIE_BYTES);
      if (symbols.dwarf_offdie(this.#handle, offset + header[0], die) !== null) yield new DwarfUnit(die);
      offset = next[0];
    }
  }

  [Symbol.dispose](): void {
    if (this.#handle !== null) libdw.symbols.dwarf_end(this.#handle);
    this.#handle = null;
    this.#fd?.[Symbol.dispose]();
  }
}

/** Opens the DWARF of a file. @throws SbError `library.missing`, `kernel.refused` */
export function openDwarf(path: string): DwarfFile {
  return new DwarfFile(path);
}
