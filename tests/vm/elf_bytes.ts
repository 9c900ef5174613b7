/** The bytes of a 64-bit ELF file (elf(5)), to find a place in it, and to damage copies of it. */

const EHDR = {
  type: 16,
  machine: 18,
  phoff: 32,
  shoff: 40,
  phentsize: 54,
  phnum: 56,
  shentsize: 58,
  shnum: 60,
};
const PHDR_BYTES = 56;
const SHDR_BYTES = 64;
const SYMBOL_BYTES = 24;

/** Where the fields of the file header stand. */
export const Header = EHDR;
/** Types of sections. */
export const SectionType = { symtab: 2, dynsym: 11 } as const;

/** A section; `at` is where its header stands. */
export interface SectionPlace {
  at: number;
  type: number;
  offset: number;
  size: number;
  link: number;
}

/** An ELF file in memory. */
export class ElfBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  static read(path: string): ElfBytes {
    return new ElfBytes(Deno.readFileSync(path));
  }

  copy(): ElfBytes {
    return new ElfBytes(this.bytes.slice());
  }

  u16(at: number): number {
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  u64(at: number): number {
    return Number(this.view.getBigUint64(at, true));
  }

  put16(at: number, value: number): void {
    this.view.setUint16(at, value, true);
  }

  put32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  put64(at: number, value: number | bigint): void {
    this.view.setBigUint64(at, BigInt(value), true);
  }

  get sections(): SectionPlace[] {
    return Array.from({ length: this.u16(EHDR.shnum) }, (_, index) => {
      const at = this.u64(EHDR.shoff) + index * SHDR_BYTES;
      return {
        at,
        type: this.u32(at + 4),
        offset: this.u64(at + 24),
        size: this.u64(at + 32),
        link: this.u32(at + 40),
      };
    });
  }

  section(type: number): SectionPlace {
    const found = this.sections.find((section) => section.type === type);
    if (!found) throw new Error(`no section of type ${type}`);
    return found;
  }

  /** Where the headers of segments to be loaded stand. */
  get segmentsToLoad(): number[] {
    return Array.from(
      { length: this.u16(EHDR.phnum) },
      (_, index) => this.u64(EHDR.phoff) + index * PHDR_BYTES,
    ).filter((at) => this.u32(at) === 1);
  }

  /** Where a symbol's entry in .symtab stands. */
  symbolAt(name: string): number {
    const table = this.section(SectionType.symtab);
    const strings = this.sections[table.link];
    const wanted = new TextEncoder().encode(`${name}\0`);
    for (let at = table.offset; at < table.offset + table.size; at += SYMBOL_BYTES) {
      const start = strings.offset + this.u32(at);
      if (wanted.every((byte, index) => this.bytes[start + index] === byte)) return at;
    }
    throw new Error(`no symbol "${name}"`);
  }

  /** The file offset that a symbol's address has. */
  fileOffset(name: string): number {
    const address = this.u64(this.symbolAt(name) + 8);
    for (const at of this.segmentsToLoad) {
      const [offset, start, size] = [this.u64(at + 8), this.u64(at + 16), this.u64(at + 32)];
      if (address >= start && address < start + size) return address - start + offset;
    }
    throw new Error(`"${name}" is in no segment`);
  }
}
