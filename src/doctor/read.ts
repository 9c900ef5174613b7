/** Reading the small files of /proc and /sys. */

/** The text of a file, or undefined when it cannot be read. */
export function readSmall(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

/** Whether something is at the path. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
