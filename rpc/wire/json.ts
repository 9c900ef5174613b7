/**
 * JSON text to values, stricter than `JSON.parse`: names stand once in an object, nesting is bounded, and no integer is rounded.
 * RFC 8259.
 */
import { NESTING } from "./limits.ts";

/** A text that is no JSON, or not one that this reader takes. */
export class JsonError extends Error {
  override name = "JsonError";
  /** The character at which it was seen, from 0. */
  readonly at: number;
  /** Whether the text nests too deeply: then it was not read to its end. */
  readonly isTooDeep: boolean;

  constructor(seen: string, at: number, isTooDeep = false) {
    super(seen);
    this.at = at;
    this.isTooDeep = isTooDeep;
  }
}

/**
 * Reads one JSON text. Integers beyond ±(2^53 − 1) written without fraction and exponent become `bigint`, so that whoever expects
 * a number can refuse them; all else is as `JSON.parse` gives it, a member named `__proto__` included.
 *
 * @throws JsonError with a sentence part such as `a value is missing`
 */
export function parseJson(text: string): unknown {
  return new Reader(text).whole();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [ZERO, NINE, MINUS, PLUS, POINT] = [0x30, 0x39, 0x2d, 0x2b, 0x2e];
const [COMMA, COLON] = [0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const [UPPER_E, LOWER_E] = [0x45, 0x65];

/** So many digits are exact as they are added up. */
const EXACT_DIGITS = 15;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

const WORDS: readonly (readonly [string, unknown])[] = [["true", true], ["false", false], ["null", null]];

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** Descends by one call for each nesting, of which there are few. `charCodeAt` past the end is NaN, which equals nothing. */
class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): unknown {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#refuse("something follows the value");
    return value;
  }

  #refuse(seen: string, at = this.#at): never {
    throw new JsonError(seen, at);
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return;
      this.#at++;
    }
  }

  #value(): unknown {
    this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_OBJECT) return this.#object();
    if (code === OPEN_LIST) return this.#list();
    if (code === MINUS || isDigit(code)) return this.#number();
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    this.#refuse(
      this.#at >= this.#text.length ? "it ends where a value must stand" : "no value stands there",
    );
  }

  #enter(): void {
    if (++this.#depth > NESTING) throw new JsonError(`it nests more than ${NESTING} levels`, this.#at, true);
    this.#at++;
    this.#space();
  }

  /** Whether the list or object goes on after a value; steps over the comma or the end. */
  #goesOn(close: number): boolean {
    this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code === COMMA) {
      this.#at++;
      return true;
    }
    if (code === close) {
      this.#leave();
      return false;
    }
    this.#refuse(`"," or "${String.fromCharCode(close)}" is missing`);
  }

  #leave(): void {
    this.#at++;
    this.#depth--;
  }

  #list(): unknown[] {
    const list: unknown[] = [];
    this.#enter();
    if (this.#text.charCodeAt(this.#at) === CLOSE_LIST) {
      this.#leave();
      return list;
    }
    do list.push(this.#value()); while (this.#goesOn(CLOSE_LIST));
    return list;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#enter();
    if (this.#text.charCodeAt(this.#at) === CLOSE_OBJECT) {
      this.#leave();
      return object;
    }
    do this.#member(object); while (this.#goesOn(CLOSE_OBJECT));
    return object;
  }

  #member(object: Record<string, unknown>): void {
    this.#space();
    const start = this.#at;
    if (this.#text.charCodeAt(start) !== QUOTE) this.#refuse("a name in quotes is missing");
    const name = this.#string();
    if (Object.hasOwn(object, name)) {
      this.#refuse(`the name ${JSON.stringify(shortened(name))} stands twice`, start);
    }
    this.#space();
    if (this.#text.charCodeAt(this.#at) !== COLON) this.#refuse('":" is missing');
    this.#at++;
    const value = this.#value();
    if (name === "__proto__") {
      // An assignment would set the prototype.
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    } else object[name] = value;
  }

  #string(): string {
    const text = this.#text;
    const open = this.#at;
    let at = open + 1;
    let plainFrom = at;
    let decoded = "";
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        decoded += text.slice(plainFrom, at);
        this.#at = at + 1;
        decoded += this.#escape();
        at = plainFrom = this.#at;
      } else if (code >= 0x20) at++;
      else if (at >= text.length) this.#refuse("a string does not end", open);
      else this.#refuse("a control character stands in a string", at);
    }
    this.#at = at + 1;
    return plainFrom === open + 1 ? text.slice(plainFrom, at) : decoded + text.slice(plainFrom, at);
  }

  /** What stands for the escape after a backslash. */
  #escape(): string {
    const letter = this.#text.charAt(this.#at);
    if (letter === "u") {
      const digits = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#refuse("four hexadecimal digits must follow \\u");
      this.#at += 5;
      return String.fromCharCode(parseInt(digits, 16));
    }
    if (!Object.hasOwn(ESCAPES, letter)) this.#refuse("no such escape exists");
    this.#at++;
    return ESCAPES[letter];
  }

  #number(): number | bigint {
    const text = this.#text;
    const start = this.#at;
    const isNegative = text.charCodeAt(start) === MINUS;
    if (isNegative) this.#at++;
    const first = this.#at;
    let value = 0;
    for (let code = text.charCodeAt(first); isDigit(code); code = text.charCodeAt(++this.#at)) {
      value = value * 10 + (code - ZERO);
    }
    const digits = this.#at - first;
    if (digits === 0) this.#refuse("a digit is missing");
    if (digits > 1 && text.charCodeAt(first) === ZERO) this.#refuse("a number begins with 0", start);
    const isInteger = !this.#fraction();
    if (isInteger && digits <= EXACT_DIGITS) return isNegative ? -value : value;
    const token = text.slice(start, this.#at);
    const number = Number(token);
    if (!Number.isFinite(number)) this.#refuse("a number is beyond all range", start);
    return isInteger && !Number.isSafeInteger(number) ? BigInt(token) : number;
  }

  /** Steps over a fraction and an exponent. @returns whether there was one */
  #fraction(): boolean {
    const start = this.#at;
    if (this.#text.charCodeAt(this.#at) === POINT) {
      this.#at++;
      this.#digits();
    }
    const code = this.#text.charCodeAt(this.#at);
    if (code === UPPER_E || code === LOWER_E) {
      const sign = this.#text.charCodeAt(++this.#at);
      if (sign === PLUS || sign === MINUS) this.#at++;
      this.#digits();
    }
    return this.#at > start;
  }

  #digits(): void {
    const start = this.#at;
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++;
    if (this.#at === start) this.#refuse("a digit is missing");
  }
}

/** A text of the peer, short enough to stand in a message. */
export function shortened(text: string): string {
  return text.length <= MOST_QUOTED ? text : `${text.slice(0, MOST_QUOTED)}…`;
}

/** Characters of a peer's text that a message repeats. */
const MOST_QUOTED = 64;
