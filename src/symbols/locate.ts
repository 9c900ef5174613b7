/** FILE of a target to the file it means: a path, a program of PATH, or a library as it would be loaded. */
import { nearestNames, SbError } from "../core/mod.ts";
import { cString, OpenFlags, OwnedFd, systemCall } from "../../ffi/mod.ts";
import { readProcessEnvironment } from "../sys/mod.ts";
import { loadedLibraries, type LoadedLibrary, meansLibrary, systemLibrary } from "./libraries.ts";
import { mappedFiles } from "./mapped_files.ts";
import type { LookupContext } from "./model.ts";
import type { Root } from "./root.ts";
import { findInPath, readScript } from "./script.ts";
import { type UsedFile, useFile } from "./open_files.ts";

/** Where a lookup takes place. */
export interface Place {
  root: Root;
  env: Readonly<Record<string, string>>;
  context: LookupContext;
}

/** A file found: its path, and where sb can open it when that is elsewhere. */
type Located = Pick<LoadedLibrary, "path" | "openPath">;

/** Where a context's names are looked up: in its environment, the process's own, or sb's, which is read when it is needed. */
export function placeOf(root: Root, context: LookupContext): Place {
  let known = context.env;
  return {
    root,
    context,
    get env() {
      return known ??= context.pid === undefined ? Deno.env.toObject() : readProcessEnvironment(context.pid);
    },
  };
}

/**
 * Finds and opens FILE.
 *
 * @param placeText PLACE as written, for the targets that hints give
 * @throws SbError `file.not_found`, `file.not_elf`, `file.script`, `file.machine`, `file.unreadable`
 */
export function openFile(file: string, placeText: string, where: Place): UsedFile {
  const located = locate(file, where);
  if (located === null) throw notFound(file, where);
  const { path, openPath } = located;
  using fd = openPath === undefined ? where.root.open(path) : openOutside(openPath);
  if (fd === null) {
    throw openPath === undefined ? notFound(file, where) : deletedUnreadable(file, located, where);
  }
  refuseSpecial(file, fd);
  const script = readScript(fd, path, where);
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
  return useFile(fd, where.root, {
    files: where.context.files,
    ...(openPath === undefined ? {} : { openPath }),
  });
}

/** The libraries that the command or process of the context loads, and its program; empty when there is neither. */
export function contextLibraries(where: Place): LoadedLibrary[] {
  const { context } = where;
  if (context.pid !== undefined) return mappedFiles(context.pid, where.root);
  const command = context.command?.[0];
  const program = command === undefined ? null : programOf(command, where);
  return program === null ? [] : loadedLibraries(program, where);
}

function programOf(command: string, where: Place): string | null {
  const path = command.includes("/") ? command : findInPath(command, where);
  if (path === null) return null;
  using fd = where.root.open(path);
  if (fd === null) return null;
  const script = readScript(fd, path, where);
  return script ? script.runs : where.root.pathOf(fd);
}

function locate(file: string, where: Place): Located | null {
  const { root } = where;
  if (root.exists(file, { fileOnly: !file.includes("/") })) {
    return deletedAt(root.resolve(file) ?? file, where) ?? { path: file };
  }
  if (file.includes("/")) return deletedAt(file.startsWith("/") ? file : `${root.cwd}/${file}`, where);
  const loaded = contextLibraries(where).find(({ name, path }) =>
    meansLibrary(file, name) || meansLibrary(file, path)
  );
  if (loaded) return loaded;
  const path = findInPath(file, where) ?? systemLibrary(file, where);
  return path === null ? null : { path };
}

/** The file that the process still runs from a path where there is none now, or another: what it executes is meant. */
function deletedAt(path: string, where: Place): Located | null {
  const { context, root } = where;
  if (context.pid === undefined) return null;
  const mapped = mappedFiles(context.pid, root).filter((library) => library.path === path);
  return mapped.every(({ openPath }) => openPath !== undefined) ? mapped[0] ?? null : null;
}

function openOutside(path: string): OwnedFd | null {
  const fd = systemCall("openat", -100, cString(path), OpenFlags.path | OpenFlags.cloexec, 0);
  return fd < 0 ? null : new OwnedFd(fd, path);
}

function deletedUnreadable(file: string, { path }: Located, { context }: Place): SbError {
  return new SbError(
    "file.unreadable",
    `Cannot use "${file}": process ${context.pid} runs a "${path}" that was deleted or replaced, which sb may not open`,
    { hint: "Run sb as root (sudo sb …), or start the process again" },
  );
}

function notFound(file: string, where: Place): SbError {
  if (file.includes("/")) {
    const folder = file.slice(0, file.lastIndexOf("/")) || "/";
    return new SbError("file.not_found", `Cannot find "${file}": there is no such file`, {
      hint: `Look what is there: ls ${where.root.exists(folder) ? folder : "/"}`,
    });
  }
  const loaded = [...new Set(contextLibraries(where).map(({ name }) => name))];
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
    hint: stat.isDirectory ? `Name a file in it: ls ${file}` : "Name a program or a shared library",
  });
}
