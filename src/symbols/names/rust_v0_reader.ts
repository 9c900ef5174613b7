/** The bytes of a Rust v0 name: numbers, identifiers, and the bounds that hostile names run into. Pure. */
import { decodePunycode } from "./punycode.ts";

/** Thrown inside the demangler only: the name is malformed, or runs into a bound. */
export class NotRustV0 extends Error {}

/** Nesting of productions; rustc's own names stay far below. */
const MAX_DEPTH = 256;
/** Productions read, back references followed included: they can describe exponentially long names. */
const MAX_STEPS = 20_000;

/** Crate hashes are 64-bit; they are skipped, so that they need not be exact. */
const MAX_NUMBER = 2 ** 64;

/** The basic types (RFC 2603, "basic-type"); `p` is a placeholder. */
export const BASIC_TYPES: Record<string, string> = {
  a: "i8",
  b: "bool",
  c: "char",
  d: "f64",
  e: "str",
  f: "f32",
  h: "u8",
  i: "isize",
  j: "usize",
  l: "i32",
  m: "u32",
  n: "i128",
  o: "u128",
  p: "_",
  s: "i16",
  t: "u16",
  u: "()",
  v: "...",
  x: "i64",
  y: "u64",
  z: "!",
};

/** A cursor over the name behind `_R`; back references are offsets from there. */
export class V0Reader {
  at = 0;
  #depth = 0;
  #steps = 0;

  constructor(readonly text: string) {}

  /** The next character, not consumed; empty at the end. */
  get next(): string {
    return this.text[this.at] ?? "";
  }

  take(): string {
    if (this.at >= this.text.length) throw new NotRustV0();
    return this.text[this.at++];
  }

  eat(character: string): boolean {
    if (this.next !== character) return false;
    this.at++;
    return true;
  }

  /** `{base-62-digit} "_"`: the empty number is 0, the others are one more than they say. */
  base62(): number {
    if (this.eat("_")) return 0;
    let value = 0;
    for (;;) {
      const character = this.take();
      if (character === "_") break;
      const digit = /[0-9]/.test(character)
        ? character.charCodeAt(0) - 48
        : /[a-z]/.test(character)
        ? character.charCodeAt(0) - 97 + 10
        : /[A-Z]/.test(character)
        ? character.charCodeAt(0) - 65 + 36
        : -1;
      value = value * 62 + digit;
      if (digit < 0 || value >= MAX_NUMBER) throw new NotRustV0();
    }
    return value + 1;
  }

  /** A tagged number that may be left out: 0 when it is, otherwise at least 1. */
  tagged62(tag: string): number {
    return this.eat(tag) ? this.base62() + 1 : 0;
  }

  /** `["u"] decimal ["_"] bytes`. */
  identifier(): string {
    const encoded = this.eat("u");
    const digits = /^(?:0|[1-9]\d{0,6})/.exec(this.text.slice(this.at, this.at + 7))?.[0];
    if (digits === undefined) throw new NotRustV0();
    this.at += digits.length;
    this.eat("_");
    const end = this.at + Number(digits);
    if (end > this.text.length) throw new NotRustV0();
    const bytes = this.text.slice(this.at, end);
    this.at = end;
    if (!encoded) return bytes;
    const decoded = decodePunycode(bytes);
    if (decoded === null) throw new NotRustV0();
    return decoded;
  }

  /** `{hex-digit} "_"`, without leading zeros; empty for zero. */
  hexDigits(): string {
    const start = this.at;
    while (/^[0-9a-f]$/.test(this.next)) this.at++;
    const digits = this.text.slice(start, this.at);
    if (!this.eat("_")) throw new NotRustV0();
    return digits;
  }

  /** Reads a production, one level deeper. */
  nested(read: () => void): void {
    if (++this.#depth > MAX_DEPTH || ++this.#steps > MAX_STEPS) throw new NotRustV0();
    read();
    this.#depth--;
  }

  /** Reads what a back reference, whose tag is consumed, points to. */
  backReference(read: () => void): void {
    const tag = this.at - 1;
    const target = this.base62();
    if (target >= tag) throw new NotRustV0();
    const after = this.at;
    this.at = target;
    this.nested(read);
    this.at = after;
  }
}
