/** The dynamic section: what a file needs, what it is called, where its libraries are sought (gABI, "Dynamic Section"). */
import { Elf, type ElfFile } from "../../ffi/mod.ts";
import { stringAt } from "./versions.ts";

const DT = { null: 0, needed: 1, soname: 14, rpath: 15, runpath: 29 } as const;

/** More entries than any file has: each that is needed is looked for in the file system. */
const MAX_ENTRIES = 4096;

/** What the dynamic linker reads of a file. */
export interface DynamicSection {
  needed: string[];
  soname: string | null;
  /** Directories, as written, `$ORIGIN` and all. */
  rpath: string[];
  runpath: string[];
}

/** Reads it; empty for a static file. @throws SbError `file.not_elf` */
export function readDynamic(elf: ElfFile): DynamicSection {
  const found: DynamicSection = { needed: [], soname: null, rpath: [], runpath: [] };
  const section = elf.section(Elf.section.dynamic);
  const linked = section && elf.sections.find((other) => other.index === section.link);
  if (!section || !linked) return found;
  const entries = elf.data(section);
  const strings = elf.data(linked);
  const view = new DataView(entries.buffer, entries.byteOffset, entries.length);
  for (let at = 0; at + 16 <= entries.length && at < 16 * MAX_ENTRIES; at += 16) {
    const tag = Number(view.getBigUint64(at, true));
    if (tag === DT.null) break;
    const text = stringAt(strings, Number(view.getBigUint64(at + 8, true)));
    if (tag === DT.needed) found.needed.push(text);
    else if (tag === DT.soname) found.soname = text;
    else if (tag === DT.rpath) found.rpath = text.split(":");
    else if (tag === DT.runpath) found.runpath = text.split(":");
  }
  return found;
}
