/** Separate debug files: where one may lie, and whether it belongs to the program. Never asks the network. */
import { SbError } from "../../core/mod.ts";
import { type ElfFile, openElf } from "../../../ffi/mod.ts";
import { crc32OfFile } from "./crc32.ts";
import { type DebugLink, parseDebugLink } from "./sections.ts";

const DEBUG_FOLDER = "/usr/lib/debug";

/** What a program says of its debug file. */
export interface DebugFileQuery {
  /** The program, links resolved, as seen from `root`. */
  path: string;
  /** Hexadecimal; null when it has none. */
  buildId: string | null;
  debuglink?: DebugLink | null;
  /** A folder that stands for `/`, such as `/proc/123/root`; empty for sb's own. */
  root?: string;
  /** HOME, XDG_CACHE_HOME and DEBUGINFOD_CACHE_PATH are read from here; sb's own environment by default. */
  env?: Readonly<Record<string, string>>;
}

/** A place where a debug file may lie. */
export interface DebugFileCandidate {
  /** As sb opens it. */
  path: string;
  /** What led there. */
  by: "build-id" | "debuglink" | "debuginfod";
}

/** debuginfod_find_debuginfo(3): the cache folder and its order of preference. */
function debuginfodCache(env: Readonly<Record<string, string>>): string[] {
  if (env.DEBUGINFOD_CACHE_PATH) return [env.DEBUGINFOD_CACHE_PATH];
  const folders: string[] = [];
  if (env.XDG_CACHE_HOME) folders.push(`${env.XDG_CACHE_HOME}/debuginfod_client`);
  if (env.HOME) folders.push(`${env.HOME}/.cache/debuginfod_client`, `${env.HOME}/.debuginfod_client_cache`);
  return folders;
}

/** Where the debug file of a program may lie, the best place first (GDB manual, "Separate Debug Files"). */
export function debugFileCandidates(query: DebugFileQuery): DebugFileCandidate[] {
  const root = query.root ?? "";
  const found: DebugFileCandidate[] = [];
  const id = query.buildId;
  if (id !== null && /^[0-9a-f]{4,}$/.test(id)) {
    const path = `${root}${DEBUG_FOLDER}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
    found.push({ path, by: "build-id" });
  }
  if (query.debuglink) {
    const folder = query.path.slice(0, query.path.lastIndexOf("/"));
    const { fileName } = query.debuglink;
    for (const place of [folder, `${folder}/.debug`, `${DEBUG_FOLDER}${folder}`]) {
      const path = `${root}${place}/${fileName}`;
      // A debuglink may bear the program's own name, which is not its debug file.
      if (path !== `${root}${query.path}`) found.push({ path, by: "debuglink" });
    }
  }
  if (id !== null && /^[0-9a-f]{4,}$/.test(id)) {
    for (const cache of debuginfodCache(query.env ?? Deno.env.toObject())) {
      found.push({ path: `${cache}/${id}/debuginfo`, by: "debuginfod" });
    }
  }
  return found;
}

/** A debug file that belongs to the program, and those that were turned away. */
export interface DebugFileSearch {
  /** Null when there is none. */
  path: string | null;
  refused: { path: string; why: string }[];
}

/** @returns why the candidate is not the program's, or null when it is */
function whyNot(candidate: DebugFileCandidate, query: DebugFileQuery): string | null {
  try {
    using elf = openElf(candidate.path);
    const id = elf.buildId;
    if (query.buildId !== null && id !== null) {
      return id === query.buildId ? null : `its build-id is ${id}, not ${query.buildId}`;
    }
  } catch (error) {
    if (error instanceof SbError && error.code !== "library.missing") return error.message;
    throw error;
  }
  if (candidate.by !== "debuglink" || !query.debuglink) return "it has no build-id";
  return crc32OfFile(candidate.path) === query.debuglink.crc ? null : "its checksum is not the debuglink's";
}

/** Looks for the debug file of a program. Build-ids must agree; where one is missing, the debuglink's checksum must. */
export function findDebugFile(query: DebugFileQuery): DebugFileSearch {
  const refused: DebugFileSearch["refused"] = [];
  for (const candidate of debugFileCandidates(query)) {
    try {
      if (!Deno.statSync(candidate.path).isFile) continue;
    } catch {
      continue; // most candidates do not exist
    }
    const why = whyNot(candidate, query);
    if (why === null) return { path: candidate.path, refused };
    refused.push({ path: candidate.path, why });
  }
  return { path: null, refused };
}

/** {@linkcode findDebugFile} for a program that is open. @throws SbError `file.not_elf` */
export function debugFileOf(
  elf: ElfFile,
  query: Pick<DebugFileQuery, "path" | "root" | "env">,
): DebugFileSearch {
  const section = elf.section(".gnu_debuglink");
  let debuglink: DebugLink | null = null;
  try {
    if (section) debuglink = parseDebugLink(elf.data(section), { bigEndian: elf.header.endian === "big" });
  } catch (error) {
    // A damaged link leads nowhere; the build-id may still lead somewhere.
    if (!(error instanceof SbError) || error.code !== "file.not_elf") throw error;
  }
  return findDebugFile({ ...query, buildId: elf.buildId, debuglink });
}
