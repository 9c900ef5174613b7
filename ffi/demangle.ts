/** C++ names (Itanium ABI) through libstdc++'s `__cxa_demangle`, which is optional. */
import type { ByteText } from "../src/core/mod.ts";
import { libstdcxx } from "./raw/libstdcxx.ts";

/** Names longer than this stay mangled; libstdc++ gives up on most of them too (its recursion limit). */
const MAX_NAME_BYTES = 16_384;
const FIRST_BUFFER_BYTES = 4096n;

/** One output buffer, from malloc(3), serves every name: `__cxa_demangle` reallocates it when it is too small. */
let output: Deno.PointerValue = null;
const outputBytes = new BigUint64Array(1);
/** The output buffer's memory, of the size at which it was looked at. */
let outputView = new Uint8Array();
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
  return demangleInput(symbols) ? Deno.UnsafePointerView.getCString(output as Deno.PointerObject) : null;
}

/**
 * {@linkcode demangleCxx} of a name in a string table, without a string.
 *
 * @param to gets the demangled name
 * @returns whether there is one
 */
export function appendDemangledCxx(
  to: ByteText,
  { bytes, start, end }: { bytes: Uint8Array; start: number; end: number },
): boolean {
  const symbols = libstdcxx.optional;
  if (symbols === undefined || end - start > MAX_NAME_BYTES || bytes[start] !== 0x5f) return false;
  if (bytes[start + 1] !== 0x5a) return false;
  let length = 0;
  for (let at = start; at < end; at++) input[length++] = bytes[at];
  input[length] = 0;
  if (!demangleInput(symbols)) return false;
  const size = Number(outputBytes[0]);
  if (outputView.length !== size) {
    outputView = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(output as Deno.PointerObject, size));
  }
  to.appendBytes(outputView, { start: 0, end: outputView.indexOf(0) });
  return true;
}

/** Demangles {@linkcode input} into {@linkcode output}. @returns whether it is a name */
function demangleInput(symbols: NonNullable<typeof libstdcxx.optional>): boolean {
  if (output === null) {
    output = symbols.malloc(FIRST_BUFFER_BYTES);
    if (output === null) return false;
    outputBytes[0] = FIRST_BUFFER_BYTES;
  }
  const result = symbols.__cxa_demangle(input, output, outputBytes, status);
  if (result === null) return false;
  output = result;
  return true;
}
