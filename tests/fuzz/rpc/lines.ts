/** Lines for the protocol's fuzzer: valid requests, requests changed as JSON and as bytes, and what a grammar makes of nothing. */
import { METHODS, type Shape } from "../../../rpc/schema/mod.ts";
import { NESTING } from "../../../rpc/wire/mod.ts";
import type { Random } from "./random.ts";

type Json = unknown;

const UTF8 = new TextEncoder();
const NAMES: readonly string[] = Object.keys(METHODS);

/** Texts that are JSON values nobody expects where they come to stand. */
const ODD_VALUES = [
  ...[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e3",
    "1e308",
    "1e309",
    "-1e-400",
    "9007199254740991",
  ],
  ...["9007199254740992", "-9007199254740993", "123456789012345678901234567890", '""', '"p1"', '"\\u0000"'],
  ...[
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"é\u2028"',
    '"__proto__"',
    '"constructor"',
    "[]",
    "{}",
    "[[]]",
    "[1,2]",
  ],
  ...[
    '{"__proto__":{"isRoot":true}}',
    '{"tree":1}',
    '{"system":true}',
    '{"tree":1,"system":true}',
    '{"a":1,"a":2}',
  ],
];
const ODD_NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "evry",
  "Target",
  "delay-ns",
  "",
  "x".repeat(300),
  "\u0000",
];
const TOKENS = [
  ...[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "\\",
    "\\u",
    "\\ud8",
    "1",
    "-",
    "e",
    ".",
    "null",
    "true",
    " ",
    "\r",
    "\t",
    "\0",
  ],
  ...['"jsonrpc":"2.0"', '"id":1', '"method":"server.info"', '"params":{', '"probe":"p1"', "\ufeff", "\x7f"],
];

/** Makes lines without their ends. */
export class LineMaker {
  readonly #random: Random;
  /** Targets that valid requests name. */
  readonly #targets: readonly string[];

  constructor(random: Random, targets: readonly string[]) {
    this.#random = random;
    this.#targets = targets;
  }

  /** One line; it may be anything but a line end. */
  line(): Uint8Array {
    const bytes = this.#any();
    return bytes.includes(10) ? bytes.filter((byte) => byte !== 10) : bytes;
  }

  #any(): Uint8Array {
    const kind = this.#random.below(20);
    if (kind < 3) return UTF8.encode(JSON.stringify(this.#request()));
    if (kind < 9) return UTF8.encode(this.#changed());
    if (kind < 15) return this.#damaged(UTF8.encode(this.#changed()));
    if (kind < 17) return UTF8.encode(this.#garbage());
    if (kind < 18) return UTF8.encode(this.#nested());
    if (kind < 19) return UTF8.encode(this.#batch());
    return Uint8Array.from({ length: this.#random.below(100) }, () => this.#random.below(256));
  }

  /** A request that may well be valid. */
  #request(): Record<string, Json> {
    const method = this.#random.pick(NAMES);
    const { members, exactlyOne } = METHODS[method as keyof typeof METHODS].params;
    const params = this.#members(members, exactlyOne);
    const id = this.#random.oneIn(8)
      ? {}
      : { id: this.#random.oneIn(4) ? this.#text() : this.#random.below(1000) };
    return { jsonrpc: "2.0", ...id, method, ...(this.#random.oneIn(10) ? {} : { params }) };
  }

  #members(members: Readonly<Record<string, Shape>>, exactlyOne: readonly string[]): Record<string, Json> {
    const one = exactlyOne.length > 0 ? this.#random.pick(exactlyOne) : undefined;
    const names = Object.keys(members).filter((name) => {
      if (exactlyOne.includes(name)) return name === one;
      return !("optional" in members[name]) || this.#random.oneIn(3);
    });
    return Object.fromEntries(names.map((name) => [name, this.#value(members[name], name)]));
  }

  /** A value of a shape. */
  #value(shape: Shape, name: string): Json {
    switch (shape.type) {
      case "boolean":
        return this.#random.oneIn(2);
      case "true":
        return true;
      case "integer":
        return this.#random.pick([shape.min, shape.min + 1, shape.min + this.#random.below(1000), shape.max]);
      case "number":
        return this.#random.next() * shape.max;
      case "choice":
        return this.#random.pick(shape.values);
      case "nullable":
        return this.#random.oneIn(3) ? null : this.#value(shape.of, name);
      case "list":
        return [];
      case "document":
        return {};
      case "object":
        return this.#members(shape.members, shape.exactlyOne);
      case "string":
        if (name === "target") return this.#random.pick(this.#targets);
        if (name === "spec") {
          return this.#random.pick(["5us", "0", "exp:2us,every=10", "uniform:1us:2us", "5"]);
        }
        if (name === "file") return this.#random.pick(this.#targets).split(":")[0];
        if (shape.pattern !== undefined) return "0123456789abcdef".repeat(2);
        return this.#random.oneIn(2) ? `p${this.#random.below(4)}` : this.#text();
    }
  }

  #text(): string {
    const length = this.#random.below(12);
    return Array.from(
      { length },
      () => this.#random.pick(["a", "é", "😀", '"', "\\", "\n", "\u2028", "0", " "]),
    ).join("");
  }

  /** A request, changed as JSON: values, names, members. */
  #changed(): string {
    let request: Json = this.#request();
    if (this.#random.oneIn(6)) request = [request, this.#request()];
    // Marks are replaced in the text, since JSON.stringify writes neither such numbers nor names that stand twice.
    const marks: string[] = [];
    for (let changes = 1 + this.#random.below(3); changes > 0; changes--) {
      request = this.#change(request, marks);
    }
    return JSON.stringify(request).replace(/"\u2021(\d+)"/g, (_, mark: string) => marks[Number(mark)]);
  }

  #change(value: Json, marks: string[]): Json {
    if (typeof value !== "object" || value === null || this.#random.oneIn(8)) {
      marks.push(this.#random.pick(ODD_VALUES));
      return `\u2021${marks.length - 1}`;
    }
    if (Array.isArray(value)) {
      const at = this.#random.below(value.length);
      return value.map((item, index) => index === at ? this.#change(item, marks) : item);
    }
    const entries = Object.entries(value);
    const at = this.#random.below(entries.length);
    const kind = this.#random.below(8);
    if (entries.length === 0 || kind === 0) entries.push([this.#random.pick(ODD_NAMES), 1]);
    else if (kind === 1) entries.splice(at, 1);
    else if (kind === 2) entries[at] = [this.#random.pick(ODD_NAMES), entries[at][1]];
    else entries[at] = [entries[at][0], this.#change(entries[at][1], marks)];
    return Object.fromEntries(entries);
  }

  /** The same bytes with some damage. */
  #damaged(bytes: Uint8Array): Uint8Array {
    let all = [...bytes];
    for (let times = 1 + this.#random.below(3); times > 0; times--) {
      const at = this.#random.below(all.length + 1);
      const length = this.#random.below(8);
      const kind = this.#random.below(6);
      if (kind === 0) all.splice(at, length);
      else if (kind === 1) all.splice(at, 0, ...all.slice(at, at + length));
      else if (kind === 2) all.splice(at, 0, ...UTF8.encode(this.#random.pick(TOKENS)));
      else if (kind === 3) all = all.slice(0, at);
      else if (kind === 4) all[at] = this.#random.below(256);
      else if (at < all.length) all[at] ^= 1 << this.#random.below(8);
    }
    return Uint8Array.from(all);
  }

  #garbage(): string {
    return Array.from({ length: this.#random.below(30) }, () => this.#random.pick(TOKENS)).join("");
  }

  #nested(): string {
    const depth = this.#random.pick([1, NESTING - 1, NESTING, NESTING + 1, 1000]);
    const [open, close] = this.#random.pick([["[", "]"], ['{"a":', "}"]]);
    return open.repeat(depth) + this.#random.pick(["1", "", "null"]) +
      close.repeat(depth - this.#random.below(2));
  }

  #batch(): string {
    const length = this.#random.pick([0, 1, 2, 5, 1001]);
    return `[${Array.from({ length }, () => length > 5 ? "1" : this.#changed()).join(",")}]`;
  }
}
