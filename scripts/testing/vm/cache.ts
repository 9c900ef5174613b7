/** The cache of the virtual machine: where it is, and how things are put there once by many processes. */

/** What cannot be done by the harness itself, as opposed to the command that it runs. */
export class VmError extends Error {
  override name = "VmError";
}

/** The cache folder of the virtual machine; `scripts/deno` finds the one around it in the same way. */
export function vmCache(): string {
  const home = Deno.env.get("HOME") ?? "/tmp";
  const base = Deno.env.get("SB_CACHE") ?? `${Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`}/sb`;
  return `${base}/vm`;
}

/** Whether there is something at a path. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The first 16 hexadecimal digits of the SHA-256 of some texts. */
export async function contentId(...texts: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(texts.join("\0"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
}

/**
 * A path of the cache, made if it is not there: under a lock, at a temporary name, renamed when it is whole.
 * @param make gets the temporary name; what an earlier run left there is there still, so it can go on or start again
 */
export async function cached(path: string, make: (partial: string) => Promise<void>): Promise<string> {
  if (exists(path)) return path;
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  using file = Deno.openSync(`${path}.lock`, { create: true, write: true });
  await file.lock(true);
  if (exists(path)) return path;
  await make(`${path}.partial`);
  Deno.renameSync(`${path}.partial`, path);
  return path;
}

/** Removes a file or folder, if it is there. */
export function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
