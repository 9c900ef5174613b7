/** An ELF file that can hold targets: checked, with its identity and all symbol tables that there are for it. */
import { SbError } from "../core/mod.ts";
import { Elf, type ElfFile, type ElfSegment, openElf, type OwnedFd } from "../../ffi/mod.ts";
import { readFileStatus } from "../sys/mod.ts";
import { debugFileOf, readGnuDebugdata } from "./debug/mod.ts";
import type { SymbolRow, TargetFile } from "./model.ts";
import type { Root } from "./root.ts";
import { SymbolTable } from "./symbol_table.ts";
import { VersionTable } from "./versions.ts";

const MACHINES: Record<number, TargetFile["machine"]> = { 62: "x86_64", 183: "aarch64" };
const MACHINE_NAMES: Record<number, string> = {
  3: "i386",
  8: "MIPS",
  20: "PowerPC",
  21: "PowerPC64",
  22: "s390",
  40: "ARM",
  62: "x86_64",
  183: "aarch64",
  243: "RISC-V",
};

/** The kernel runs no program whose headers are over 64 KiB (load_elf_phdrs() in fs/binfmt_elf.c). */
const MAX_CODE_SEGMENTS = Math.floor(65_536 / 56);

/** How a file is opened. */
export interface SymbolFileOptions {
  openPath?: string;
  isKept?: boolean;
}

/** An open target file; disposing closes what it opened. */
export class SymbolFile implements Disposable {
  readonly file: TargetFile;
  readonly elf: ElfFile;
  readonly #root: Root;
  /** The executable segments: one, in nearly every file. */
  readonly #code: readonly ElfSegment[];
  #own: SymbolTable[] | undefined;
  #extra: SymbolTable[] | undefined;

  /**
   * @param fd an O_PATH descriptor of the file, which stays the caller's
   * @param root where its path is from; `openPath` when sb cannot open it by that path (a deleted file); `isKept` when the
   * file stays open for as long as anybody uses what is told of it
   * @throws SbError `file.not_elf`, `file.machine`, `file.unreadable`
   */
  constructor(fd: OwnedFd, root: Root, options: SymbolFileOptions = {}) {
    const path = root.pathOf(fd);
    const stat = Deno.statSync(fd.path);
    this.#root = root;
    this.elf = openElf(fd.path, path);
    this.#code = this.elf.segments.filter(({ type, flags }) =>
      type === Elf.segment.load && (flags & Elf.segmentFlag.execute) !== 0
    );
    try {
      const machine = checkMachine(this.elf);
      if (this.#code.length > MAX_CODE_SEGMENTS) throw tooManySegments(path, this.#code.length);
      this.file = {
        path,
        openPath: (options.isKept ? this.elf.descriptor?.path : options.openPath) ??
          `${root.hostPrefix}${path}`,
        device: stat.dev,
        inode: BigInt(stat.ino ?? 0),
        sizeBytes: stat.size,
        modifiedNs: readFileStatus(fd.path)?.modifiedNs ?? 0n,
        buildId: this.elf.buildId,
        machine,
        go: [".go.buildinfo", ".gopclntab", ".note.go.buildid"].some((name) => this.elf.section(name)),
      };
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The file's own tables: .symtab, then .dynsym. @throws SbError `file.not_elf` */
  get ownTables(): SymbolTable[] {
    return this.#own ??= readTables(this.elf, { symtab: "symtab", isCode: this.isCode });
  }

  /** Every table: of a stripped file also the separate debug file's and .gnu_debugdata's. */
  get tables(): SymbolTable[] {
    if (this.ownTables.some((table) => table.source === "symtab")) return this.ownTables;
    this.#extra ??= [...this.#debugFileTables(), ...this.#debugdataTables()];
    return [...this.ownTables, ...this.#extra];
  }

  /** The file offset of an address in an executable segment; null when it is in none. */
  fileOffsetOf(address: number): number | null {
    for (const segment of this.#code) {
      const into = address - Number(segment.address);
      if (into >= 0 && into < segment.fileBytes) return segment.fileOffset + into;
    }
    return null;
  }

  /** Where code that begins at an address ends at the latest: its section's end, or else its segment's. */
  codeEndAfter(address: number): number {
    const holds = ({ start, end }: { start: number; end: number }) => address >= start && address < end;
    const section = this.elf.sections.filter(({ flags }) => (flags & Elf.sectionFlag.execute) !== 0)
      .map(({ address: start, sizeBytes }) => ({ start: Number(start), end: Number(start) + sizeBytes }))
      .find(holds);
    const segment = this.elf.segments.filter(({ type }) => type === Elf.segment.load)
      .map(({ address: start, fileBytes }) => ({ start: Number(start), end: Number(start) + fileBytes }))
      .find(holds);
    return Math.min(section?.end ?? Infinity, segment?.end ?? address);
  }

  /** Whether a file offset is in an executable segment. */
  isExecutable(fileOffset: number): boolean {
    return fileOffset < this.file.sizeBytes &&
      this.#code.some((segment) =>
        fileOffset >= segment.fileOffset && fileOffset < segment.fileOffset + segment.fileBytes
      );
  }

  readonly isCode = (address: number): boolean => this.fileOffsetOf(address) !== null;

  [Symbol.dispose](): void {
    this.elf[Symbol.dispose]();
  }

  #debugFileTables(): SymbolTable[] {
    // A debug file that is missing or damaged is no fault of the target: its names are then not known.
    try {
      const { path } = debugFileOf(this.elf, { path: this.file.path, root: this.#root.hostPrefix });
      if (path === null) return [];
      using debug = openElf(path);
      return readTables(debug, { symtab: "debug", isCode: this.isCode }).filter(({ source }) =>
        source === "debug"
      );
    } catch (error) {
      if (error instanceof SbError) return [];
      throw error;
    }
  }

  #debugdataTables(): SymbolTable[] {
    const section = this.elf.section(".gnu_debugdata");
    if (!section) return [];
    try {
      using inner = openElf(readGnuDebugdata(this.elf.data(section)), ".gnu_debugdata");
      return readTables(inner, { symtab: "gnu_debugdata", isCode: this.isCode })
        .filter(({ source }) => source === "gnu_debugdata");
    } catch (error) {
      if (error instanceof SbError) return [];
      throw error;
    }
  }
}

function readTables(
  elf: ElfFile,
  options: { symtab: SymbolRow["source"]; isCode: (address: number) => boolean },
): SymbolTable[] {
  const tables: SymbolTable[] = [];
  for (
    const [type, source] of [[Elf.section.symtab, options.symtab], [Elf.section.dynsym, "dynsym"]] as const
  ) {
    const section = elf.section(type);
    const strings = section && elf.sections.find(({ index }) => index === section.link);
    if (!section || !strings) continue;
    tables.push(
      new SymbolTable({
        entries: elf.data(section),
        strings: elf.data(strings),
        source,
        versions: source === "dynsym" ? readVersions(elf, elf.data(strings)) : null,
        isCode: options.isCode,
      }),
    );
  }
  return tables;
}

function readVersions(elf: ElfFile, strings: Uint8Array<ArrayBuffer>): VersionTable | null {
  const bytes = (type: number) => {
    const section = elf.section(type);
    return section ? elf.data(section) : new Uint8Array();
  };
  const versym = bytes(Elf.section.gnuVersym);
  if (versym.length === 0) return null;
  return new VersionTable({
    versym,
    definitions: bytes(Elf.section.gnuVerdef),
    needs: bytes(Elf.section.gnuVerneed),
    strings,
  });
}

function tooManySegments(path: string, count: number): SbError {
  return new SbError("file.not_elf", `Cannot use "${path}": it claims ${count} executable segments`, {
    hint: "Build or install it again",
  });
}

/** @throws SbError `file.machine` for what does not run here, or never runs */
function checkMachine(elf: ElfFile): TargetFile["machine"] {
  const { bits, endian, type, machine } = elf.header;
  const refuse = (seen: string, hint: string) =>
    new SbError("file.machine", `Cannot use "${elf.name}": ${seen}`, { hint, data: { machine, bits, type } });
  const name = MACHINES[machine];
  if (bits !== 64) throw refuse("it is a 32-bit ELF file", "Use the 64-bit build of the program");
  if (endian !== "little" || name !== Deno.build.arch) {
    throw refuse(
      `it is made for ${MACHINE_NAMES[machine] ?? `machine ${machine}`}, this machine is ${Deno.build.arch}`,
      "Run sb on a machine of that kind",
    );
  }
  if (type === Elf.type.rel) {
    throw refuse("it is an object file, which is not linked yet", "Link it and name the result");
  }
  if (type !== Elf.type.exec && type !== Elf.type.dyn) {
    throw refuse(
      type === Elf.type.core ? "it is a core dump" : `its ELF type ${type} never runs`,
      "Name a program or a shared library",
    );
  }
  return name;
}
