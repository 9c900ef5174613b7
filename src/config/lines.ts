/** The line of every key in a TOML text. The parser's result does not carry lines, and errors must name them. */

/** Lines by key path: `probe[1].delay` → 12. Lines count from 1. */
export type KeyLines = ReadonlyMap<string, number>;

/** The path of a key inside a table: `probe[0]` + `delay`. */
export function keyPath(table: string, key: string): string {
  return table === "" ? key : `${table}.${key}`;
}

/**
 * Finds the line of each key, in tables, arrays of tables, dotted keys and inline tables (TOML 1.0).
 *
 * @param text a text that the TOML parser has accepted; any other text gives some of its lines, and no error
 */
export function findKeyLines(text: string): KeyLines {
  return new Scanner(text).scan();
}

class Scanner {
  readonly #text: string;
  readonly #lines = new Map<string, number>();
  readonly #arrayLengths = new Map<string, number>();
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): KeyLines {
    let table = "";
    while (this.#skipBlank(), this.#at < this.#text.length) {
      const before = this.#at;
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#pair(table);
      // A text that is not TOML must not stop the scan from ending.
      if (this.#at === before) this.#advance(1);
    }
    return this.#lines;
  }

  #advance(count: number): void {
    for (const end = this.#at + count; this.#at < end; this.#at++) {
      if (this.#text[this.#at] === "\n") this.#line++;
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? "";
  }

  #skip(pattern: RegExp): string {
    const found = this.#match(pattern);
    this.#advance(found.length);
    return found;
  }

  #skipBlank(): void {
    this.#skip(/(?:\s|#[^\n]*)*/y);
  }

  #header(): string {
    const many = this.#skip(/\[\[?/y).length === 2;
    const line = this.#line;
    const keys = this.#keys();
    this.#skip(/[ \t]*\]{0,2}/y);
    let table = "";
    for (const [index, key] of keys.entries()) {
      table = keyPath(table, key);
      if (many && index === keys.length - 1) {
        const length = this.#arrayLengths.get(table) ?? 0;
        this.#arrayLengths.set(table, length + 1);
        if (length === 0) this.#note(table, line);
        table = `${table}[${length}]`;
      } else if (this.#arrayLengths.has(table)) {
        // [probe.x] under [[probe]] belongs to the last element.
        table = `${table}[${this.#arrayLengths.get(table)! - 1}]`;
      }
      this.#note(table, line);
    }
    return table;
  }

  #pair(table: string): void {
    let path = table;
    const line = this.#line;
    for (const key of this.#keys()) {
      path = keyPath(path, key);
      this.#note(path, line);
    }
    this.#skip(/[ \t]*=[ \t]*/y);
    this.#value(path);
  }

  #keys(): string[] {
    const keys: string[] = [];
    do {
      this.#skip(/[ \t]*/y);
      keys.push(unquote(this.#skip(/"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]+/y)));
    } while (this.#skip(/[ \t]*\./y) !== "");
    return keys;
  }

  #value(path: string): void {
    const string = this.#skip(
      /"""(?:[^\\]|\\[^])*?"""(?!")|'''[^]*?'''(?!')|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y,
    );
    if (string !== "") return;
    const open = this.#text[this.#at];
    if (open !== "[" && open !== "{") {
      this.#skip(/[^,\]}\n#]*/y);
      return;
    }
    this.#advance(1);
    const close = open === "[" ? "]" : "}";
    for (let index = 0; this.#skipBlank(), this.#at < this.#text.length; index++) {
      if (this.#text[this.#at] === close) break;
      const before = this.#at;
      if (open === "{") this.#pair(path);
      else {
        this.#note(`${path}[${index}]`, this.#line);
        this.#value(`${path}[${index}]`);
      }
      this.#skipBlank();
      this.#skip(/,/y);
      if (this.#at === before) return;
    }
    this.#advance(1);
  }

  #note(path: string, line: number): void {
    if (!this.#lines.has(path)) this.#lines.set(path, line);
  }
}

function unquote(key: string): string {
  if (key.startsWith("'")) return key.slice(1, -1);
  if (!key.startsWith('"')) return key;
  try {
    return JSON.parse(key);
  } catch {
    // \UXXXXXXXX is TOML's own escape.
    return key.slice(1, -1).replace(
      /\\U([0-9a-fA-F]{8})|\\(.)/g,
      (_, code, other) => code ? String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff)) : other,
    );
  }
}
