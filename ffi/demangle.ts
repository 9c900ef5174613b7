/** C++ names (Itanium ABI) through libstdc++'s `__cxa_demangle`, which is optional. */
import { libstdcxx } from "./raw/libstdcxx.ts";

/** Names longer than this stay mangled; libstdc++ gives up on most of them too (its recursion limit). */
const MAX_NAME_BYTES = 16_384;
const FIRST_BUFFER_BYTES = 4096n;

/** One output buffer, from malloc(3), serves every name: `__cxa_demangle` reallocates it when it is too small. */
let output: Deno.PointerValue = null;
const outputBytes = new BigUint64Array(1);
const status = new Int32Array(1);
const input = new Uint8Array(MAX_NAME_BYTES + 1);
const encoder = new TextEncoder();

/** Whether C++ names can be demangled on this machine. */
export function canDemangleCxx(): boolean {
  return libstdcxx.optional !== undefined;
}

/**
 * A C++ name in the form that people write; null when it is none, or when libstdc++ is not installed.
 *
 * @param mangled `_Z…`: anything else could be taken for a type (`i` is `int`) and gives null
 */
export function demangleCxx(mangled: string): string | null {
  if (!mangled.startsWith("_Z")) return null;
  const symbols = libstdcxx.optional;
  if (symbols === undefined) return null;
  const { read, written } = encoder.encodeInto(mangled, input.subarray(0, MAX_NAME_BYTES));
  if (read < mangled.length) return null;
  input[written] = 0;
  if (output === null) {
    output = symbols.malloc(FIRST_BUFFER_BYTES);
    if (output === null) return null;
    outputBytes[0] = FIRST_BUFFER_BYTES;
  }
  const result = symbols.__cxa_demangle(input, output, outputBytes, status);
  if (result === null) return null;
  output = result;
  return Deno.UnsafePointerView.getCString(result);
}
