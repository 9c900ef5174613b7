/** One symbol table of an ELF file, as columns: nothing is made per symbol until it is asked for. */
import { toNumber } from "../core/mod.ts";
import type { SymbolRow } from "./model.ts";
import type { VersionTable } from "./versions.ts";

/** Elf64_Sym: u32 name, u8 info, u8 other, u16 section, u64 value, u64 size (gABI). */
const ENTRY_WORDS = 6;
const STT = { notype: 0, object: 1, func: 2, section: 3, file: 4, common: 5, tls: 6, gnuIfunc: 10 } as const;
const SHN_UNDEF = 0;
const SHN_LORESERVE = 0xff00;
const STB_LOCAL = 0;
const DOLLAR = 0x24;

export type SymbolKind = SymbolRow["kind"];

/** What a table is made from: the sections' bytes, which may be damaged in any way. */
export interface SymbolTableParts {
  entries: Uint8Array<ArrayBuffer>;
  strings: Uint8Array<ArrayBuffer>;
  source: SymbolRow["source"];
  versions: VersionTable | null;
  /** Whether an address is in an executable segment. */
  isCode: (address: number) => boolean;
}

/** A symbol table. Index 0 is the reserved symbol. */
export class SymbolTable {
  readonly source: SymbolRow["source"];
  readonly length: number;
  readonly #words: Uint32Array;
  /** The string table. */
  readonly strings: Uint8Array;
  #decoded: { text: string; ascii: boolean } | undefined;
  readonly #versions: VersionTable | null;
  readonly #isCode: (address: number) => boolean;

  constructor(parts: SymbolTableParts) {
    this.source = parts.source;
    this.#versions = parts.versions;
    this.#isCode = parts.isCode;
    this.length = Math.floor(parts.entries.length / 24);
    this.#words = new Uint32Array(parts.entries.buffer, parts.entries.byteOffset, this.length * ENTRY_WORDS);
    this.strings = parts.strings;
  }

  /** The string table with one character a byte, so that positions agree; made when it is first searched. */
  get #searchable(): { text: string; ascii: boolean } {
    if (this.#decoded === undefined) {
      const text = UTF8.decode(this.strings);
      const ascii = text.length === this.strings.length && !text.includes("\ufffd");
      this.#decoded = { text: ascii ? text : BYTES.decode(this.strings), ascii };
    }
    return this.#decoded;
  }

  /** The name as in the table; one that is not ended by a NUL is cut at the table's end. */
  nameAt(index: number): string {
    const start = this.nameStartAt(index);
    const stop = this.nameEndAt(index);
    const { text, ascii } = this.#searchable;
    return ascii ? text.slice(start, stop) : UTF8.decode(this.strings.subarray(start, stop));
  }

  /** Where the name starts in {@linkcode strings}. */
  nameStartAt(index: number): number {
    return Math.min(this.#words[index * ENTRY_WORDS], this.strings.length);
  }

  /** Where the name ends in {@linkcode strings}: at its NUL, or at the table's end. */
  nameEndAt(index: number): number {
    const strings = this.strings;
    let end = this.nameStartAt(index);
    while (end < strings.length && strings[end] !== 0) end++;
    return end;
  }

  /** The address; saturates at 2^53 − 1. */
  addressAt(index: number): number {
    const at = index * ENTRY_WORDS;
    return Math.min(this.#words[at + 2] + this.#words[at + 3] * 2 ** 32, Number.MAX_SAFE_INTEGER);
  }

  valueAt(index: number): bigint {
    const at = index * ENTRY_WORDS;
    return BigInt(this.#words[at + 2]) | BigInt(this.#words[at + 3]) << 32n;
  }

  sizeBytesAt(index: number): number {
    const at = index * ENTRY_WORDS;
    return this.#words[at + 5] === 0
      ? this.#words[at + 4]
      : toNumber(BigInt(this.#words[at + 4]) | BigInt(this.#words[at + 5]) << 32n);
  }

  /** What the symbol is; null for sections, files, mapping symbols and the nameless. */
  kindAt(index: number): SymbolKind | null {
    const word = this.#words[index * ENTRY_WORDS + 1];
    const type = word & 0xf;
    const section = word >>> 16;
    if (index === 0 || type === STT.section || type === STT.file || this.#words[index * ENTRY_WORDS] === 0) {
      return null;
    }
    if (section === SHN_UNDEF) return "import";
    if (type === STT.gnuIfunc) return "ifunc";
    if (type === STT.func) return "function";
    if (type !== STT.notype) return "data";
    // Labels of assembler code have no type. "$x" and "$d" are arm64's mapping symbols (AAELF64).
    if (section >= SHN_LORESERVE || !this.#isCode(this.addressAt(index))) return "data";
    return this.strings[this.#words[index * ENTRY_WORDS]] === DOLLAR ? null : "function";
  }

  isLocalAt(index: number): boolean {
    return (this.#words[index * ENTRY_WORDS + 1] >>> 4 & 0xf) === STB_LOCAL;
  }

  /** The version, and whether the name alone means it (`@@`). */
  versionAt(index: number): { name: string; isDefault: boolean } | null {
    return this.#versions?.at(index) ?? null;
  }

  /** The symbols of exactly that name: found by its bytes, without a map of all. */
  find(name: string): number[] {
    const positions = new Set<number>();
    const { text, ascii } = this.#searchable;
    const needle = (ascii ? name : BYTES.decode(new TextEncoder().encode(name))) + "\0";
    // A name may be the end of another's string, so every occurrence counts.
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
      positions.add(at);
    }
    const found: number[] = [];
    if (positions.size === 0) return found;
    const words = this.#words;
    for (let index = 1, at = ENTRY_WORDS; index < this.length; index++, at += ENTRY_WORDS) {
      if (positions.has(words[at])) found.push(index);
    }
    return found;
  }
}

const UTF8 = new TextDecoder();
const BYTES = new TextDecoder("latin1");
