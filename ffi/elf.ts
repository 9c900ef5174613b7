/** ELF files through libelf: headers, sections and their bytes, robust against damaged and hostile files. */
import { SbError, toNumber } from "../src/core/mod.ts";
import { EHDR, Elf, type ElfHeader, type ElfSection, type ElfSegment, PHDR, SHDR } from "./elf_layout.ts";
import { Errno, errnoText } from "./errno.ts";
import { OpenFlags, OwnedFd } from "./fd.ts";
import { libelf } from "./raw/libelf.ts";
import { cString, systemCall } from "./syscall.ts";

/** The most bytes of one section that are read, decompressed or not: 1 GiB. */
const MAX_SECTION_BYTES = 2 ** 30;
/** More sections than any linked file has; a hostile header may claim as many as fit in the file. */
const MAX_SECTIONS = 100_000;
/** zlib cannot compress better than 1032:1 (zlib technical details), so a greater claim is false. */
const MAX_INFLATE_RATIO = 1032;

const EV_CURRENT = 1;
const ELF_C_READ = 1; // not the mmap variants: a file cut short meanwhile would end sb with SIGBUS
const ELF_K_ELF = 3;

/** What is read: a path, a descriptor (which stays the caller's, and open for as long), or a whole image. */
export type ElfSource = string | OwnedFd | Uint8Array<ArrayBuffer>;

/** An open ELF file. Bytes it gives are copies, so they outlive it. */
export class ElfFile implements Disposable {
  /** The file's name, for messages. */
  readonly name: string;
  readonly header: ElfHeader;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  /** The whole file's size. */
  readonly sizeBytes: number;
  #handle: Deno.PointerValue;
  #scn: Deno.PointerObject[] = [];
  #image: Uint8Array<ArrayBuffer> | undefined;
  #fd: OwnedFd | undefined;
  #source: OwnedFd | undefined;
  /** Sections that libelf holds decompressed. */
  readonly #inflated = new Set<number>();
  #buildId: string | null | undefined;

  /** @throws SbError `file.not_elf`, `file.not_found`, `file.unreadable`, `library.missing` */
  constructor(source: ElfSource, name: string) {
    this.name = name;
    const { symbols } = libelf;
    if (symbols.elf_version(EV_CURRENT) === 0) throw this.#damaged("libelf does not know this ELF version");
    if (source instanceof Uint8Array) {
      this.#image = source;
      this.sizeBytes = source.length;
      this.#handle = source.length < 64
        ? null
        : symbols.elf_memory(Deno.UnsafePointer.of(source), BigInt(source.length));
    } else {
      if (typeof source === "string") this.#fd = openForReading(source, name);
      const fd = typeof source === "string" ? this.#fd as OwnedFd : source;
      this.#source = fd;
      this.sizeBytes = Deno.statSync(fd.path).size;
      this.#handle = symbols.elf_begin(fd.fd, ELF_C_READ, null);
    }
    try {
      if (this.#handle === null || symbols.elf_kind(this.#handle) !== ELF_K_ELF) {
        throw new SbError("file.not_elf", `Cannot read symbols of "${name}": it is not an ELF file`, {
          hint: `Name a program or a shared library; to see what it is: file -L ${name}`,
        });
      }
      this.header = this.#readHeader();
      this.segments = this.#readSegments();
      this.sections = this.#readSections();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The first section of that name or type. */
  section(which: string | number): ElfSection | undefined {
    return this.sections.find((section) =>
      (typeof which === "string" ? section.name : section.type) === which
    );
  }

  /**
   * The bytes of a section, decompressed; empty for one that has none in the file.
   *
   * @throws SbError `file.not_elf` when they are not all in the file, or are over 1 GiB
   */
  data(section: ElfSection): Uint8Array<ArrayBuffer> {
    if (section.type === Elf.section.nobits || section.sizeBytes === 0) return new Uint8Array();
    if (section.fileOffset + section.sizeBytes > this.sizeBytes) {
      throw this.#damaged(`section ${section.index} "${section.name}" does not lie within the file`);
    }
    if (section.sizeBytes > MAX_SECTION_BYTES) {
      throw this.#damaged(`section ${section.index} "${section.name}" is larger than 1 GiB`);
    }
    const scn = this.#scn[section.index];
    if (!this.#inflated.has(section.index) && !(section.flags & Elf.sectionFlag.compressed)) {
      return this.#read(section.fileOffset, section.sizeBytes);
    }
    if (section.flags & Elf.sectionFlag.compressed) this.#decompress(section);
    return this.#copy(libelf.symbols.elf_rawdata(scn, null), section.name);
  }

  /** Bytes of the file. @throws SbError `file.not_elf` when they are not all in the file */
  bytes(fileOffset: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    if (sizeBytes === 0) return new Uint8Array();
    if (fileOffset + sizeBytes > this.sizeBytes || sizeBytes > MAX_SECTION_BYTES) {
      throw this.#damaged(
        `bytes 0x${fileOffset.toString(16)}+0x${sizeBytes.toString(16)} are not in the file`,
      );
    }
    return this.#read(fileOffset, sizeBytes);
  }

  /** Bytes that lie within the file, copied once: libelf would keep a copy of its own. */
  #read(fileOffset: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    this.#open();
    if (this.#image) return this.#image.slice(fileOffset, fileOffset + sizeBytes);
    const bytes = new Uint8Array(new ArrayBuffer(sizeBytes));
    const fd = (this.#source as OwnedFd).fd;
    for (let at = 0; at < sizeBytes;) {
      const count = systemCall("pread64", fd, bytes.subarray(at), sizeBytes - at, fileOffset + at);
      if (count === -Errno.EINTR) continue;
      if (count === 0) throw this.#damaged("it became shorter while it was read");
      if (count < 0) {
        throw new SbError("file.unreadable", `Cannot read "${this.name}": ${errnoText(-count)}`);
      }
      at += count;
    }
    return bytes;
  }

  /** The open file; the caller's own where it was opened from one, undefined for an image. */
  get descriptor(): OwnedFd | undefined {
    return this.#source;
  }

  /** The GNU build-id in hexadecimal, or null. Note layout: gABI; type NT_GNU_BUILD_ID = 3, name "GNU". */
  get buildId(): string | null {
    return this.#buildId ??= this.#readBuildId();
  }

  [Symbol.dispose](): void {
    if (this.#handle !== null) libelf.symbols.elf_end(this.#handle);
    this.#handle = null;
    this.#scn = [];
    this.#image = undefined;
    this.#fd?.[Symbol.dispose]();
  }

  #open(): Deno.PointerObject {
    if (this.#handle === null) throw new Error("the ELF file is closed");
    return this.#handle;
  }

  #damaged(seen: string): SbError {
    return new SbError(
      "file.not_elf",
      `Cannot read symbols of "${this.name}": the ELF file is damaged: ${seen}`,
      { hint: "Build or install it again" },
    );
  }

  #libelfFailure(what: string): SbError {
    const message = libelf.symbols.elf_errmsg(libelf.symbols.elf_errno());
    const text = message === null ? "no reason given" : Deno.UnsafePointerView.getCString(message);
    return this.#damaged(`${what}: ${text}`);
  }

  #readHeader(): ElfHeader {
    const bytes = new Uint8Array(EHDR.sizeBytes);
    if (libelf.symbols.gelf_getehdr(this.#open(), bytes) === null) throw this.#libelfFailure("its header");
    const { type, machine } = EHDR.read(new DataView(bytes.buffer));
    return { bits: bytes[4] === 1 ? 32 : 64, endian: bytes[5] === 2 ? "big" : "little", type, machine };
  }

  #readSegments(): ElfSegment[] {
    const handle = this.#open();
    const count = new BigUint64Array(1);
    if (libelf.symbols.elf_getphdrnum(handle, count) !== 0) throw this.#libelfFailure("its program headers");
    if (count[0] > BigInt(MAX_SECTIONS)) throw this.#damaged(`it claims ${count[0]} program headers`);
    const segments: ElfSegment[] = [];
    const bytes = new Uint8Array(PHDR.sizeBytes);
    const view = new DataView(bytes.buffer);
    for (let index = 0; index < Number(count[0]); index++) {
      if (libelf.symbols.gelf_getphdr(handle, index, bytes) === null) {
        throw this.#libelfFailure(`program header ${index}`);
      }
      const { type, flags, offset, vaddr, filesz, memsz } = PHDR.read(view);
      segments.push({
        type,
        flags,
        fileOffset: toNumber(offset),
        address: vaddr,
        fileBytes: toNumber(filesz),
        memoryBytes: toNumber(memsz),
      });
    }
    return segments;
  }

  #readSections(): ElfSection[] {
    const { symbols } = libelf;
    const handle = this.#open();
    const number = new BigUint64Array(1);
    if (symbols.elf_getshdrnum(handle, number) !== 0) throw this.#libelfFailure("its section headers");
    if (number[0] > BigInt(MAX_SECTIONS)) throw this.#damaged(`it claims ${number[0]} sections`);
    const count = Number(number[0]);
    const names = symbols.elf_getshdrstrndx(handle, number) === 0 ? number[0] : 0n;
    const sections: ElfSection[] = [];
    const bytes = new Uint8Array(SHDR.sizeBytes);
    const view = new DataView(bytes.buffer);
    let scn: Deno.PointerValue = null;
    // elf_nextscn starts at section 1: section 0 is reserved.
    for (let index = 1; index < count; index++) {
      scn = symbols.elf_nextscn(handle, scn);
      if (scn === null || symbols.gelf_getshdr(scn, bytes) === null) {
        throw this.#libelfFailure(`section header ${index}`);
      }
      const { name, type, flags, addr, offset, size, link, info } = SHDR.read(view);
      const text = symbols.elf_strptr(handle, names, BigInt(name));
      this.#scn[index] = scn;
      sections.push({
        index,
        name: text === null ? "" : Deno.UnsafePointerView.getCString(text),
        type,
        flags: toNumber(flags),
        address: addr,
        fileOffset: toNumber(offset),
        sizeBytes: toNumber(size),
        link,
        info,
      });
    }
    return sections;
  }

  /** elf_compress() allocates what ch_size claims, so the claim is checked first (Elf64_Chdr, gABI). */
  #decompress(section: ElfSection): void {
    const scn = this.#scn[section.index];
    const raw = this.#copy(libelf.symbols.elf_rawdata(scn, null), section.name);
    const wide = this.header.bits === 64;
    if (raw.length < (wide ? 24 : 12)) {
      throw this.#damaged(`section "${section.name}" lacks its compression header`);
    }
    const view = new DataView(raw.buffer);
    const little = this.header.endian === "little";
    const size = wide ? toNumber(view.getBigUint64(8, little)) : view.getUint32(4, little);
    if (size > MAX_SECTION_BYTES || size > raw.length * MAX_INFLATE_RATIO) {
      throw this.#damaged(`section "${section.name}" claims to be ${size} bytes decompressed`);
    }
    if (libelf.symbols.elf_compress(scn, 0, 0) < 0) {
      throw this.#libelfFailure(`decompressing section "${section.name}"`);
    }
    this.#inflated.add(section.index);
    section.flags &= ~Elf.sectionFlag.compressed;
    section.sizeBytes = size;
  }

  /** Copies an Elf_Data: {void *d_buf; Elf_Type d_type; unsigned d_version; size_t d_size; …} (libelf.h). */
  #copy(data: Deno.PointerValue, what: string): Uint8Array<ArrayBuffer> {
    if (data === null) throw this.#libelfFailure(`the bytes of "${what}"`);
    const view = new Deno.UnsafePointerView(data);
    const buffer = view.getPointer(0);
    const size = toNumber(view.getBigUint64(16));
    if (buffer === null || size === 0) return new Uint8Array();
    const bytes = new Uint8Array(new ArrayBuffer(size));
    Deno.UnsafePointerView.copyInto(buffer, bytes);
    return bytes;
  }

  #readBuildId(): string | null {
    for (const segment of this.segments) {
      if (segment.type !== Elf.segment.note || segment.fileBytes > 65536) continue;
      // A separate debug file keeps the program headers of bytes that it does not have.
      if (segment.fileOffset + segment.fileBytes > this.sizeBytes) continue;
      const id = findBuildId(
        this.bytes(segment.fileOffset, segment.fileBytes),
        this.header.endian === "little",
      );
      if (id) return id;
    }
    const section = this.section(".note.gnu.build-id");
    return section ? findBuildId(this.data(section), this.header.endian === "little") : null;
  }
}

function findBuildId(notes: Uint8Array, little: boolean): string | null {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.length);
  for (let at = 0; at + 12 <= notes.length;) {
    const nameBytes = view.getUint32(at, little);
    const idBytes = view.getUint32(at + 4, little);
    const type = view.getUint32(at + 8, little);
    const id = at + 12 + Math.ceil(nameBytes / 4) * 4;
    if (id + idBytes > notes.length) return null;
    const gnu = nameBytes === 4 && view.getUint32(at + 12) === 0x474e5500;
    if (type === 3 && gnu && idBytes > 0) {
      return Array.from(notes.subarray(id, id + idBytes), (byte) => byte.toString(16).padStart(2, "0")).join(
        "",
      );
    }
    at = id + Math.ceil(idBytes / 4) * 4;
  }
  return null;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** @param name the path as messages show it */
function openForReading(path: string, name: string): OwnedFd {
  const fd = systemCall("openat", -100, cString(path), OpenFlags.rdonly | OpenFlags.cloexec, 0);
  if (fd >= 0) return new OwnedFd(fd, path);
  const code = fd === -2 || fd === -20 ? "file.not_found" : "file.unreadable";
  throw new SbError(code, `Cannot read "${name}": ${errnoText(-fd)}`, {
    hint: code === "file.unreadable"
      ? "Run sb as a user who may read it (sudo sb …)"
      : `Look what is there: ls ${folderOf(name.includes("/") ? name : path)}`,
  });
}

/**
 * Opens an ELF file, or an image of one.
 *
 * @param name what messages call it, when `source` is not a path
 * @throws SbError `file.not_elf`, `file.not_found`, `file.unreadable`, `library.missing`
 */
export function openElf(source: ElfSource, name?: string): ElfFile {
  return new ElfFile(source, name ?? (typeof source === "string" ? source : "the ELF image"));
}
