/** Where a module of this checkout is, for programs that tests write. */

/** @param path from the root of the checkout */
export function toFileUrl(path: string): string {
  return new URL(`../../../${path}`, import.meta.url).href;
}
