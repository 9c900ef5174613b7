/** Punycode (RFC 3492) as Rust's v0 names have it: the delimiter is the last `_`. Pure. */

// RFC 3492, section 5: the parameters of Punycode.
const BASE = 36;
const FIRST_THRESHOLD = 1;
const LAST_THRESHOLD = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_CODE = 0x80;

function adaptBias(delta: number, { count, first }: { count: number; first: boolean }): number {
  let scaled = first ? Math.floor(delta / DAMP) : delta >> 1;
  scaled += Math.floor(scaled / count);
  let bias = 0;
  while (scaled > ((BASE - FIRST_THRESHOLD) * LAST_THRESHOLD) >> 1) {
    scaled = Math.floor(scaled / (BASE - FIRST_THRESHOLD));
    bias += BASE;
  }
  return bias + Math.floor(((BASE - FIRST_THRESHOLD + 1) * scaled) / (scaled + SKEW));
}

function digitValue(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  return code >= 0x30 && code <= 0x39 ? code - 0x30 + 26 : -1;
}

/** The text behind `basic_deltas`; null when it is malformed. */
export function decodePunycode(encoded: string): string | null {
  const delimiter = encoded.lastIndexOf("_");
  const codes = delimiter < 0 ? [] : Array.from(encoded.slice(0, delimiter), (c) => c.charCodeAt(0));
  const deltas = encoded.slice(delimiter + 1);
  if (deltas === "") return null;
  let code = INITIAL_CODE;
  let bias = INITIAL_BIAS;
  let index = 0;
  for (let at = 0; at < deltas.length;) {
    const before = index;
    let weight = 1;
    for (let k = BASE;; k += BASE) {
      if (at >= deltas.length) return null;
      const digit = digitValue(deltas.charCodeAt(at++));
      if (digit < 0) return null;
      index += digit * weight;
      if (index > 0x7fffffff) return null;
      const threshold = Math.min(LAST_THRESHOLD, Math.max(FIRST_THRESHOLD, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const count = codes.length + 1;
    bias = adaptBias(index - before, { count, first: before === 0 });
    code += Math.floor(index / count);
    index %= count;
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
    codes.splice(index++, 0, code);
  }
  // Spreading a long array into the call could exhaust the stack.
  return codes.map((value) => String.fromCodePoint(value)).join("");
}
