/** Where built modules are kept: a folder a kernel and content of the sources. */
import type { ModuleName } from "./model.ts";

/** The cache of sb, as scripts/deno has it. */
function cacheRoot(): string {
  const own = Deno.env.get("SB_CACHE");
  if (own) return own;
  return `${Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") || "/root"}/.cache`}/sb`;
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
