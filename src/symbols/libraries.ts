/** Shared libraries as the dynamic linker would load them (ld.so(8)): the closure of DT_NEEDED, and where each name leads. */
import { openElf } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { type DynamicSection, readDynamic } from "./dynamic.ts";
import { machineLevels, withLevels } from "./hwcaps.ts";
import { type CachedLibrary, parseLdCache } from "./ld_cache.ts";
import type { Root } from "./root.ts";

const MAX_CACHE_BYTES = 64 * 2 ** 20;
/** More libraries than any program loads. */
const MAX_LIBRARIES = 2000;
const TRIPLET = `${Deno.build.arch}-linux-gnu`;
const DEFAULT_DIRECTORIES = [
  `/lib/${TRIPLET}`,
  `/usr/lib/${TRIPLET}`,
  "/lib64",
  "/usr/lib64",
  "/lib",
  "/usr/lib",
];

/** Where libraries are looked for. */
export interface LibrarySearch {
  root: Root;
  env: Readonly<Record<string, string>>;
}

/** A library that would be loaded: the name it was asked for by, and its file. */
export interface LoadedLibrary {
  name: string;
  path: string;
  /** Where sb can open it, when not at its path: it was deleted or replaced. */
  openPath?: string;
}

/** Whether the library name a user wrote (`libc.so.6`, `libc`) means this file name or soname. */
export function meansLibrary(wanted: string, name: string): boolean {
  const base = name.slice(name.lastIndexOf("/") + 1);
  if (base === wanted) return true;
  return base.startsWith(`${wanted}.so`) && /^(\.\d+)*$/.test(base.slice(wanted.length + 3));
}

/** The libraries that a program loads, breadth first as the linker does, those of LD_PRELOAD first. */
export function loadedLibraries(program: string, search: LibrarySearch): LoadedLibrary[] {
  const found: LoadedLibrary[] = [];
  const seen = new Set<string>();
  const cache = readCache(search.root);
  const preload = (search.env.LD_PRELOAD ?? "").split(/[ :]+/).filter((name) => name !== "");
  const todo: { path: string; dynamic: DynamicSection; rpath: string[] }[] = [];
  const visit = (path: string, rpath: string[]) => {
    const dynamic = dynamicOf(path, search.root);
    if (dynamic) todo.push({ path, dynamic, rpath });
  };
  visit(program, []);
  if (todo.length > 0) todo[0].dynamic.needed.unshift(...preload);
  for (let next = todo.shift(); next && found.length < MAX_LIBRARIES; next = todo.shift()) {
    const { path, dynamic } = next;
    const origin = path.slice(0, path.lastIndexOf("/")) || "/";
    const own = expand(dynamic.rpath, origin);
    // DT_RPATH is inherited by what a file needs, and void where there is a DT_RUNPATH.
    const rpath = dynamic.runpath.length > 0 ? [] : [...own, ...next.rpath];
    for (const name of dynamic.needed) {
      if (seen.has(name)) continue;
      seen.add(name);
      const directories = [...rpath, ...libraryPath(search, origin), ...expand(dynamic.runpath, origin)];
      const at = name.includes("/") ? name : findLibrary(name, { directories, cache, root: search.root });
      if (at === null) continue;
      using fd = search.root.open(at);
      if (fd === null) continue;
      const resolved = search.root.pathOf(fd);
      found.push({ name, path: resolved });
      visit(resolved, rpath);
    }
  }
  return found;
}

/** The names of the libraries that the loader's cache has, sorted; none where there is no cache. */
export function libraryNames(root: Root): string[] {
  return [...new Set(readCache(root).map(({ name }) => name))].sort();
}

/** The file that a library name means when nothing is known of the program; null when there is none. */
export function systemLibrary(wanted: string, search: LibrarySearch): string | null {
  const cache = readCache(search.root);
  const named = cache.find(({ name }) => name === wanted) ??
    cache.find(({ name }) => meansLibrary(wanted, name));
  const directories = libraryPath(search, "/");
  const find = (name: string) => findLibrary(name, { directories, cache, root: search.root });
  return named ? find(named.name) : find(wanted) ?? find(`${wanted}.so`);
}

function libraryPath(search: LibrarySearch, origin: string): string[] {
  return expand((search.env.LD_LIBRARY_PATH ?? "").split(/[:;]/), origin);
}

function expand(directories: readonly string[], origin: string): string[] {
  return directories.filter((directory) => directory !== "").map((directory) =>
    directory.replace(/\$ORIGIN\b|\$\{ORIGIN\}/g, origin)
      .replace(/\$LIB\b|\$\{LIB\}/g, `lib/${TRIPLET}`)
      .replace(/\$PLATFORM\b|\$\{PLATFORM\}/g, Deno.build.arch)
  );
}

function findLibrary(
  name: string,
  where: { directories: readonly string[]; cache: readonly CachedLibrary[]; root: Root },
): string | null {
  const isLibrary = (path: string) => where.root.exists(path, { fileOnly: true });
  const inDirectories = (directories: readonly string[]) =>
    directories.flatMap(withLevels).map((directory) => `${directory}/${name}`).find(isLibrary);
  const before = inDirectories(where.directories);
  if (before !== undefined) return before;
  const cached = where.cache.find((library) => library.name === name && isLibrary(library.path));
  if (cached) return cached.path;
  return inDirectories(DEFAULT_DIRECTORIES) ?? null;
}

function readCache(root: Root): CachedLibrary[] {
  const bytes = root.read("/etc/ld.so.cache", MAX_CACHE_BYTES);
  return bytes ? parseLdCache(bytes, { machine: Deno.build.arch, levels: machineLevels() }) : [];
}

function dynamicOf(path: string, root: Root): DynamicSection | null {
  using fd = root.open(path);
  if (fd === null || !Deno.statSync(fd.path).isFile) return null;
  try {
    using elf = openElf(fd.path, path);
    return elf.header.bits === 64 && elf.header.endian === "little" ? readDynamic(elf) : null;
  } catch (error) {
    if (error instanceof SbError && error.code !== "library.missing") return null;
    throw error;
  }
}
