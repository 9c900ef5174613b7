/** UTF-8 text gathered as bytes: names go from a file's tables to the output without a string for each. Pure. */

const FIRST_BYTES = 1 << 19;
/** A C string is copied in pieces of so many bytes. */
const CHUNK_BYTES = 1 << 12;
const SPACE = 0x20;
const ZERO = 0x30;
const SMALL = 2 ** 31;
/** From the digit 9 to the digit a. */
const LETTERS = 0x61 - 0x3a;

/** A growing text. What its methods append is always whole UTF-8. */
export class ByteText {
  #bytes = new Uint8Array(new ArrayBuffer(FIRST_BYTES));
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** The text; a view, valid until more is appended. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  toString(): string {
    return new TextDecoder().decode(this.bytes);
  }

  /** Takes back everything behind `length` bytes. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  append(text: string): void {
    this.#reserve(text.length * 3);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit >= 0x80) {
        this.#length += encoder.encodeInto(text, bytes.subarray(this.#length)).written;
        return;
      }
      bytes[at++] = unit;
    }
    this.#length = at;
  }

  /** Bytes `start` to `end`, replaced by U+FFFD where they are not UTF-8. */
  appendBytes(from: Uint8Array, { start, end }: { start: number; end: number }): void {
    this.#reserve(end - start);
    const bytes = this.#bytes;
    let to = this.#length;
    let seen = 0;
    for (let at = start; at < end; at++) seen |= bytes[to++] = from[at];
    if (seen < 0x80) this.#length = to;
    else this.append(decoder.decode(from.subarray(start, end)));
  }

  /** The bytes from `start` to the next NUL, or to the end; as {@linkcode appendBytes} does. */
  appendCString(from: Uint8Array, start: number): void {
    const first = this.#length;
    let at = start;
    let seen = 0;
    for (let ended = false; !ended && at < from.length;) {
      this.#reserve(CHUNK_BYTES);
      const bytes = this.#bytes;
      const stop = Math.min(from.length, at + CHUNK_BYTES);
      let to = this.#length;
      while (at < stop) {
        const byte = from[at];
        if (byte === 0) {
          ended = true;
          break;
        }
        seen |= byte;
        bytes[to++] = byte;
        at++;
      }
      this.#length = to;
    }
    if (seen < 0x80) return;
    this.#length = first;
    this.append(decoder.decode(from.subarray(start, at)));
  }

  /** A whole number, not negative, right-aligned in `width` columns. */
  appendNumber(value: number, width = 0): void {
    if (value >= SMALL) return this.append(String(value).padStart(width));
    let digits = 1;
    for (let rest = value / 10 | 0; rest > 0; rest = rest / 10 | 0) digits++;
    const start = this.#pad(digits, width);
    let rest = value | 0;
    for (let at = start + digits - 1; at >= start; at--) {
      const next = rest / 10 | 0;
      this.#bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
  }

  /** A whole number, not negative, in hexadecimal, right-aligned in `width` columns. */
  appendHex(value: number, width = 0): void {
    if (value >= SMALL) return this.append(value.toString(16).padStart(width));
    let digits = 1;
    for (let rest = value >>> 4; rest > 0; rest >>>= 4) digits++;
    const start = this.#pad(digits, width);
    let rest = value | 0;
    for (let at = start + digits - 1; at >= start; at--) {
      const digit = rest & 15;
      this.#bytes[at] = ZERO + digit + (digit > 9 ? LETTERS : 0);
      rest >>>= 4;
    }
  }

  /** Whether what stands behind `start` is the inside of a JSON string as it is (RFC 8259, section 7). */
  isPlainJson(start: number): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < this.#length; at++) {
      const byte = bytes[at];
      if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return false;
    }
    return true;
  }

  /** Makes room for `digits`, behind spaces up to `width`. @returns where they start */
  #pad(digits: number, width: number): number {
    this.#reserve(digits + width);
    for (let spaces = width - digits; spaces > 0; spaces--) this.#bytes[this.#length++] = SPACE;
    const start = this.#length;
    this.#length += digits;
    return start;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(new ArrayBuffer(Math.max(needed, 2 * this.#bytes.length)));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
