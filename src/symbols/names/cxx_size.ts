/**
 * How long a demangled C++ name can get, found without making it: a substitution repeats what stands before it, so a
 * name of 300 characters can stand for gigabytes.
 */
import { CHARACTER_BYTES, Unknown } from "./cxx_reader.ts";
import { STANDARD_BYTES, Walk } from "./cxx_walk.ts";

/** Names that could become longer than this stay mangled: nobody could read them. Real ones stay below 3 MiB. */
export const MAX_CXX_BYTES = 4 * 2 ** 20;

/** A bound on the length in bytes of a demangled `_Z…` name; Infinity when none can be told. */
export function cxxSizeBound(mangled: string): number {
  if (!/[Ds]p/.test(mangled)) {
    const rough = roughBound(mangled.length, mangled.match(/[0-9A-Z]_|[CD][0-5]/g)?.length ?? 0);
    if (rough <= MAX_CXX_BYTES) return rough;
  }
  try {
    return new Walk(mangled).bound();
  } catch (error) {
    if (error instanceof Unknown) return Infinity;
    throw error;
  }
}

/** Each reference (`S1_`, `T_`) and each constructor can at most double what stands before it. */
function roughBound(lengthBytes: number, references: number): number {
  return lengthBytes * (CHARACTER_BYTES + STANDARD_BYTES / 2) * 2 ** references;
}

const UNDERSCORE = 0x5f;
const SMALL_P = 0x70;
const SMALL_S = 0x73;
const CAPITAL_A = 0x41;
const CAPITAL_C = 0x43;
const CAPITAL_D = 0x44;
const CAPITAL_Z = 0x5a;

/** Whether a name of a string table is surely short when demangled, told from its bytes alone. */
export function isSurelyShort(name: { bytes: Uint8Array; start: number; end: number }): boolean {
  const { bytes, start, end } = name;
  let references = 0;
  for (let at = start + 2; at < end; at++) {
    const byte = bytes[at];
    const before = bytes[at - 1];
    if (byte === UNDERSCORE) {
      if (before >= 0x30 && before <= 0x39 || before >= CAPITAL_A && before <= CAPITAL_Z) references++;
    } else if (byte === SMALL_P) {
      if (before === CAPITAL_D || before === SMALL_S) return false;
    } else if (byte >= 0x30 && byte <= 0x35 && (before === CAPITAL_C || before === CAPITAL_D)) references++;
  }
  return roughBound(end - start, references) <= MAX_CXX_BYTES;
}
