/** Where built modules are kept: a folder a kernel and content of the sources. */
import type { ModuleName } from "./model.ts";

const GROUP_OR_OTHERS_WRITE = 0o022, STICKY = 0o1000;

/**
 * The cache of sb, as scripts/deno has it. sudo may leave HOME and XDG_CACHE_HOME as the caller has them: root takes no
 * module that somebody else could have put there, and builds none where somebody else could change it.
 */
function cacheRoot(): string {
  const named = Deno.env.get("SB_CACHE") ||
    `${Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") || "/root"}/.cache`}/sb`;
  return Deno.uid() !== 0 || isRootsAlone(named) ? named : "/var/cache/sb";
}

/** Whether nobody but root can change what a path leads to; of one that is not there, where it would be made. */
export function isRootsAlone(path: string): boolean {
  let at: string;
  try {
    at = Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return false;
    const above = path.slice(0, path.lastIndexOf("/")) || "/";
    // A link that leads nowhere may lead elsewhere soon.
    return !isLink(path) && path.startsWith("/") && isRootsAlone(above);
  }
  for (; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const { uid, mode } = Deno.lstatSync(at);
    if (uid !== 0 || mode === null) return false;
    if ((mode & GROUP_OR_OTHERS_WRITE) !== 0 && (mode & STICKY) === 0) return false;
  }
  return true;
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

/** The folder of a build. @param id of the sources */
export function buildFolder(release: string, id: string): string {
  return `${cacheRoot()}/modules/${release}/${id}`;
}

/** A module in a folder; null when it was not built. */
export function builtFile(folder: string, module: ModuleName): string | null {
  const path = `${folder}/${module}.ko`;
  try {
    return Deno.statSync(path).isFile ? path : null;
  } catch {
    return null;
  }
}
