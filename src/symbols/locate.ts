/** FILE of a target to the file it means: a path, a program of PATH, or a library as it would be loaded. */
import { nearestNames, SbError } from "../core/mod.ts";
import { OwnedFd } from "../../ffi/mod.ts";
import { readProcessMappings } from "../sys/mod.ts";
import { loadedLibraries, type LoadedLibrary, meansLibrary, systemLibrary } from "./libraries.ts";
import type { LookupContext } from "./model.ts";
import type { Root } from "./root.ts";
import { findInPath, readScript } from "./script.ts";
import { SymbolFile } from "./symbol_file.ts";

/** Where a lookup takes place. */
export interface Place {
  root: Root;
  env: Readonly<Record<string, string>>;
  context: LookupContext;
}

/** The environment that names are looked up in. */
export function environmentOf(context: LookupContext): Readonly<Record<string, string>> {
  return context.env ?? Deno.env.toObject();
}

/**
 * Finds and opens FILE.
 *
 * @param placeText PLACE as written, for the targets that hints give
 * @throws SbError `file.not_found`, `file.not_elf`, `file.script`, `file.machine`, `file.unreadable`
 */
export function openFile(file: string, placeText: string, where: Place): SymbolFile {
  const path = locate(file, where);
  using fd = path === null ? null : where.root.open(path);
  if (path === null || fd === null) throw notFound(file, where);
  refuseSpecial(file, fd);
  const script = readScript(path, where);
  if (script) {
    const hint = script.runs === null ? "Name the ELF file that it runs" : `Use ${script.runs}:${placeText}`;
    const seen = script.runs === null ? `which ELF it runs is not known` : `it runs ${script.runs}`;
    throw new SbError(
      "file.script",
      `Cannot use "${file}": ${path} is ${script.what} (${script.line}); ${seen}`,
      {
        hint,
        data: { path, runs: script.runs },
      },
    );
  }
  return new SymbolFile(fd, where.root);
}

/** The libraries that the command or process of the context loads, and its program; empty when there is neither. */
export function contextLibraries(where: Place): LoadedLibrary[] {
  const { context } = where;
  if (context.pid !== undefined) {
    const paths = new Set(
      readProcessMappings(context.pid).filter(({ inode }) => inode !== 0n).map(({ path }) => path),
    );
    return [...paths].map((path) => path.replace(/ \(deleted\)$/, ""))
      .map((path) => ({ name: path.slice(path.lastIndexOf("/") + 1), path }));
  }
  const command = context.command?.[0];
  const program = command === undefined ? null : programOf(command, where);
  return program === null ? [] : loadedLibraries(program, where);
}

function programOf(command: string, where: Place): string | null {
  const path = command.includes("/") ? command : findInPath(command, where);
  if (path === null) return null;
  const script = readScript(path, where);
  if (script) return script.runs;
  using fd = where.root.open(path);
  return fd === null ? null : where.root.pathOf(fd);
}

function locate(file: string, where: Place): string | null {
  if (where.root.exists(file, { fileOnly: !file.includes("/") })) return file;
  if (file.includes("/")) return null;
  const loaded = contextLibraries(where).find(({ name, path }) =>
    meansLibrary(file, name) || meansLibrary(file, path)
  );
  if (loaded) return loaded.path;
  return findInPath(file, where) ?? systemLibrary(file, where);
}

function notFound(file: string, where: Place): SbError {
  if (file.includes("/")) {
    return new SbError("file.not_found", `Cannot find "${file}": there is no such file`);
  }
  const loaded = contextLibraries(where).map(({ name }) => name);
  const near = nearestNames(file, loaded);
  return new SbError(
    "file.not_found",
    `Cannot find "${file}": it is no file, no program in PATH and no library${
      loaded.length > 0 ? " that is loaded" : " of the system"
    }`,
    {
      hint: near.length > 0 ? `Use one of ${near.join(", ")}` : "Write the path of the file",
      data: { loaded },
    },
  );
}

/** A FIFO or a device is not even opened: that could block, or have an effect. */
function refuseSpecial(file: string, fd: OwnedFd): void {
  const stat = Deno.statSync(fd.path);
  if (stat.isFile) return;
  const kind = stat.isDirectory
    ? "a directory"
    : stat.isFifo
    ? "a FIFO"
    : stat.isSocket
    ? "a socket"
    : "a device";
  throw new SbError("file.not_elf", `Cannot use "${file}": it is ${kind}, not an ELF file`, {
    hint: "Name a program or a shared library",
  });
}
