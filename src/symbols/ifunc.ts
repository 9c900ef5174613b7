/** Which implementation an IFUNC stands for, asked of sb's own process when it has the same file loaded. */
import { addressOfLoaded } from "../../ffi/mod.ts";
import { readProcessMappings } from "../sys/mod.ts";
import { functionsAt } from "./candidates.ts";
import type { SymbolFile } from "./symbol_file.ts";

/** The implementation of an IFUNC that this machine's processor gets. */
export interface IfuncImplementation {
  fileOffset: number;
  /** Its name, when the symbol tables have one. */
  symbol: string | null;
}

/** @returns null when sb has not loaded this very file, and so cannot ask */
export function ifuncImplementation(file: SymbolFile, name: string): IfuncImplementation | null {
  const mapped = readProcessMappings(Deno.pid).filter(({ inode, device }) =>
    inode === file.file.inode && device === file.file.device
  );
  if (mapped.length === 0) return null;
  const address = addressOfLoaded(file.file.path, name);
  const mapping = mapped.find(({ start, end }) => address !== null && address >= start && address < end);
  if (address === null || !mapping) return null;
  const fileOffset = Number(address - mapping.start) + mapping.fileOffset;
  const segment = file.elf.segments.find(({ type, fileOffset: start, fileBytes }) =>
    type === 1 && fileOffset >= start && fileOffset < start + fileBytes
  );
  const at = segment ? Number(segment.address) + fileOffset - segment.fileOffset : -1;
  return { fileOffset, symbol: functionsAt(file, new Set([at]))[0]?.name ?? null };
}
