/** Reads a mangled C++ name from its start, and keeps how long what was read may get. */

/** The most that one character of a mangled name stands for: half of `construction vtable for `, and punctuation. */
export const CHARACTER_BYTES = 24;
/** Deeper nesting is not read; libiberty gives up at 2048. */
const MAX_DEPTH = 512;

/** A size: bytes of its own, and how often a template parameter stands in it. */
export interface Size {
  bytes: number;
  parameters: number;
}

/** The name has something that is not known here. */
export class Unknown extends Error {}

/** A name being read. */
export class Reader {
  readonly #text: string;
  #at = 2;
  #depth = 0;
  /** The size of what was read, in the part that is being measured. */
  protected size: Size = { bytes: 0, parameters: 0 };

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether all is read. */
  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The next characters; fewer at the end. */
  peek(length = 1): string {
    return this.#text.substr(this.#at, length);
  }

  /** Takes the next characters. */
  take(length = 1): string {
    const taken = this.peek(length);
    if (taken.length < length) throw new Unknown();
    this.#at += length;
    this.size.bytes += CHARACTER_BYTES * length;
    return taken;
  }

  /** Takes the text if it is next. */
  takeIf(text: string): boolean {
    if (this.peek(text.length) !== text) return false;
    this.take(text.length);
    return true;
  }

  /** Takes the text, which has to be next. */
  expect(text: string): void {
    if (!this.takeIf(text)) throw new Unknown();
  }

  /** Takes what a sticky pattern matches; null when it is not next. */
  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    return found === undefined ? null : this.take(found.length);
  }

  /** What a part added to the size. */
  measure(part: () => void): Size {
    if (++this.#depth > MAX_DEPTH) throw new Unknown();
    const before = this.size;
    this.size = { bytes: 0, parameters: 0 };
    part();
    const size = this.size;
    this.size = { bytes: before.bytes + size.bytes, parameters: before.parameters + size.parameters };
    this.#depth--;
    return size;
  }

  /** Adds what is written again. */
  add(size: Size): void {
    this.size.bytes += size.bytes;
    this.size.parameters += size.parameters;
  }

  /** Repeats a part up to an E. */
  repeat(part: () => void): void {
    while (!this.takeIf("E")) part();
  }
}
