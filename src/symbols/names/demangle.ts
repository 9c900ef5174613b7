/** Mangled names to the names that people write: C++, Rust (legacy and v0). Go's and C's are their own. */
import { demangleCxx } from "../../../ffi/mod.ts";
import { splitCloneSuffix } from "./clone_suffix.ts";
import { demangleRustLegacy } from "./rust_legacy.ts";
import { demangleRustV0 } from "./rust_v0.ts";

/** LLVM marks a local function that it made global so: the function itself, no copy of it. */
const PROMOTED = /\.llvm\.\d+/g;

/**
 * The name in its source form, without Rust's hashes; null when it is not mangled, malformed, or C++ without libstdc++.
 * A compiler's copy or part says so at its end: `foo(int) [clone .cold]`.
 */
export function demangle(name: string): string | null {
  const rust = name.startsWith("_R");
  if (!rust && !name.startsWith("_Z")) return null;
  const { base, suffix } = splitCloneSuffix(name);
  const text = rust ? demangleRustV0(base) : demangleRustLegacy(base) ?? demangleCxx(base);
  if (text === null) return null;
  const clone = suffix.replace(PROMOTED, "");
  return clone === "" ? text : `${text} [clone ${clone}]`;
}

/** {@linkcode demangle} of each name, in order; what was seen before is not worked out again. */
export function demangleAll(names: readonly string[]): (string | null)[] {
  const known = new Map<string, string | null>();
  return names.map((name) => {
    if (!name.startsWith("_")) return null;
    let text = known.get(name);
    if (text === undefined) known.set(name, text = demangle(name));
    return text;
  });
}
