/** Which module a file holds: modinfo(8) reads the same. */
const LONGEST = 56;

/** The name that a module file gives itself; null when it is no module file. @throws Deno.errors.* when it cannot be read */
export function nameInFile(path: string): string | null {
  const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
  // In .modinfo, a string that is ended by a NUL like its neighbours.
  const name = /(?:^|\0)name=([A-Za-z0-9_]+)\0/.exec(text)?.[1];
  return name !== undefined && name.length <= LONGEST && text.startsWith("\x7fELF") ? name : null;
}
