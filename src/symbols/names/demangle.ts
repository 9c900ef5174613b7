/** Mangled names to the names that people write: C++, Rust (legacy and v0). Go's and C's are their own. */
import { appendDemangledCxx, demangleCxx } from "../../../ffi/mod.ts";
import type { ByteText } from "../../core/mod.ts";
import { splitCloneSuffix } from "./clone_suffix.ts";
import { cxxSizeBound, isSurelyShort, MAX_CXX_BYTES } from "./cxx_size.ts";
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
  const text = rust ? demangleRustV0(base) : demangleRustLegacy(base) ?? demangleItanium(base);
  if (text === null) return null;
  const clone = suffix.replace(PROMOTED, "");
  return clone === "" ? text : `${text} [clone ${clone}]`;
}

const UNDERSCORE = 0x5f;
const CAPITAL_R = 0x52;
const CAPITAL_Z = 0x5a;
const POINT = 0x2e;
/** Legacy Rust names end in `17h`, 16 digits and `E`. */
const RUST_HASH_BYTES = 20;

/**
 * {@linkcode demangle} of a name in a string table, without a string where it is a plain C++ one.
 *
 * @param to gets the demangled name
 * @returns whether there is one
 */
export function appendDemangled(
  to: ByteText,
  { bytes, start }: { bytes: Uint8Array; start: number },
): boolean {
  if (bytes[start] !== UNDERSCORE) return false;
  const second = bytes[start + 1];
  if (second !== CAPITAL_Z && second !== CAPITAL_R) return false;
  let end = start;
  let points = 0;
  for (; end < bytes.length && bytes[end] !== 0; end++) if (bytes[end] === POINT) points++;
  const hash = end - RUST_HASH_BYTES;
  const isHash = bytes[hash] === 0x31 && bytes[hash + 1] === 0x37 && bytes[hash + 2] === 0x68;
  const name = { bytes, start, end };
  if (second === CAPITAL_Z && points === 0 && !isHash && isSurelyShort(name)) {
    return appendDemangledCxx(to, name);
  }
  const text = demangle(decoder.decode(bytes.subarray(start, end)));
  if (text !== null) to.append(text);
  return text !== null;
}

const decoder = new TextDecoder();

/** A C++ name; null also for one that a few characters would make too long to hold. */
function demangleItanium(base: string): string | null {
  return cxxSizeBound(base) > MAX_CXX_BYTES ? null : demangleCxx(base);
}
