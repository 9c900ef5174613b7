/** What an ELF file is made of, as numbers: the constants and header types of elf(5), nothing read here. */
import { StructLayout } from "./struct.ts";

/** Elf64_Ehdr, which is also libelf's GElf_Ehdr; the 16 bytes of e_ident stand before it. */
export const EHDR = new StructLayout({
  identLow: "u64",
  identHigh: "u64",
  type: "u16",
  machine: "u16",
  version: "u32",
  entry: "u64",
  phoff: "u64",
  shoff: "u64",
  flags: "u32",
  ehsize: "u16",
  phentsize: "u16",
  phnum: "u16",
  shentsize: "u16",
  shnum: "u16",
  shstrndx: "u16",
});

/** Elf64_Phdr, GElf_Phdr. */
export const PHDR = new StructLayout({
  type: "u32",
  flags: "u32",
  offset: "u64",
  vaddr: "u64",
  paddr: "u64",
  filesz: "u64",
  memsz: "u64",
  align: "u64",
});

/** Elf64_Shdr, GElf_Shdr. */
export const SHDR = new StructLayout({
  name: "u32",
  type: "u32",
  flags: "u64",
  addr: "u64",
  offset: "u64",
  size: "u64",
  link: "u32",
  info: "u32",
  addralign: "u64",
  entsize: "u64",
});

/** Values of elf(5) and the gABI that sb compares with. */
export const Elf = {
  type: { rel: 1, exec: 2, dyn: 3, core: 4 },
  machine: { x86_64: 62, aarch64: 183 },
  segment: { load: 1, dynamic: 2, interp: 3, note: 4 },
  segmentFlag: { execute: 1, write: 2, read: 4 },
  section: {
    progbits: 1,
    symtab: 2,
    strtab: 3,
    dynamic: 6,
    note: 7,
    nobits: 8,
    dynsym: 11,
    gnuVerdef: 0x6ffffffd,
    gnuVerneed: 0x6ffffffe,
    gnuVersym: 0x6fffffff,
  },
  sectionFlag: { alloc: 2, execute: 4, compressed: 0x800 },
} as const;

/** The file header. */
export interface ElfHeader {
  bits: 32 | 64;
  endian: "little" | "big";
  /** e_type: {@linkcode Elf}.type. */
  type: number;
  /** e_machine: {@linkcode Elf}.machine. */
  machine: number;
}

/** A program header. 64-bit values beyond 2^53 − 1 saturate: no file has such an offset. */
export interface ElfSegment {
  type: number;
  /** {@linkcode Elf}.segmentFlag bits. */
  flags: number;
  fileOffset: number;
  address: bigint;
  fileBytes: number;
  memoryBytes: number;
}

/** A section header, with its name. */
export interface ElfSection {
  index: number;
  name: string;
  type: number;
  flags: number;
  address: bigint;
  fileOffset: number;
  sizeBytes: number;
  link: number;
  info: number;
}
