/** What compilers append to the name of a copy or a part of a function. Pure. */

/** A name without what the compiler appended, and that: `foo`, `.constprop.0.cold`. */
export interface CloneName {
  base: string;
  /** Empty when there is none. */
  suffix: string;
}

/** GCC's passes (`clone_function_name` in gcc/cgraphclones.cc), LLVM's and its coroutine parts. */
const WORDS = new Set([
  "constprop",
  "part",
  "isra",
  "cold",
  "lto_priv",
  "llvm",
  "localalias",
  "clone",
  "simdclone",
  "actor",
  "destroy",
  "resume",
  "cleanup",
  "_omp_fn",
  "_omp_cpyfn",
  "__uniq",
]);

/**
 * Splits `foo.constprop.0` into `foo` and `.constprop.0`.
 *
 * @param name a symbol of C, C++ or Rust; Go's names have points of their own (`main.cold`)
 */
export function splitCloneSuffix(name: string): CloneName {
  // Most names have no point, and nearly all of those that have one in C++ are copies.
  if (!name.includes(".")) return { base: name, suffix: "" };
  const parts = name.split(".");
  let first = parts.length;
  for (let at = first - 1; at > 0; at--) {
    if (WORDS.has(parts[at])) {
      if (at > 1 || parts[0] !== "") first = at;
    } else if (!/^\d+$/.test(parts[at])) break;
  }
  const base = parts.slice(0, first).join(".");
  return { base, suffix: name.slice(base.length) };
}

/** Passes that rename a whole function without changing what a call of it does. */
const WHOLE = /^(?:\.(?:llvm|lto_priv|localalias|__uniq)(?:\.\d+)*)+$/;

/** Whether a name is that of a copy or part that the compiler made beside a function, or out of one. */
export function isCompilerCopy(name: string): boolean {
  const { suffix } = splitCloneSuffix(name);
  return suffix !== "" && !WHOLE.test(suffix);
}
