/** The syntax of the regular expressions of targets: text to tree. Pure. */
import { SbError } from "../core/mod.ts";

/** Character codes, both ends included. */
export type ClassRange = readonly [low: number, high: number];

/** A parsed regular expression. */
export type Node =
  | { kind: "ranges"; ranges: readonly ClassRange[] }
  | { kind: "start" | "end" }
  | { kind: "sequence"; items: Node[] }
  | { kind: "either"; branches: Node[] }
  | { kind: "repeat"; item: Node; least: number; most: number };

/** The greatest bound of `{m,n}`. */
const MAX_REPEAT = 1000;
/** Groups within groups; more would exhaust the stack. */
const MAX_DEPTH = 200;
const LAST_CODE = 0xffff;

const DIGIT: ClassRange[] = [[48, 57]];
const WORD: ClassRange[] = [[48, 57], [65, 90], [95, 95], [97, 122]];
const SPACE: ClassRange[] = [[9, 13], [32, 32], [0xa0, 0xa0], [0x2028, 0x2029]];
const CLASSES: Record<string, ClassRange[]> = {
  d: DIGIT,
  w: WORD,
  s: SPACE,
  D: invert(DIGIT),
  W: invert(WORD),
  S: invert(SPACE),
};
const CONTROLS: Record<string, string> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v", 0: "\0" };

function invert(ranges: readonly ClassRange[]): ClassRange[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const inverted: ClassRange[] = [];
  let from = 0;
  for (const [low, high] of sorted) {
    if (low > from) inverted.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= LAST_CODE) inverted.push([from, LAST_CODE]);
  return inverted;
}

function literal(character: string): ClassRange {
  return [character.charCodeAt(0), character.charCodeAt(0)];
}

/** Parses a regular expression. @throws SbError `usage.target` */
export function parseRegex(source: string): Node {
  return new Parser(source).parse();
}

class Parser {
  #at = 0;
  #depth = 0;
  #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Node {
    const tree = this.#either();
    if (this.#at < this.#source.length) throw this.#refuse(`")" at ${this.#at} closes nothing`);
    return tree;
  }

  #refuse(seen: string): SbError {
    return new SbError("usage.target", `Cannot use the regex "/${this.#source}/": ${seen}`, {
      hint:
        "Use literals, ., [classes], \\d \\w \\s, (groups), |, * + ? {m,n}, ^ and $; escape others with \\",
    });
  }

  #peek(): string | undefined {
    return this.#source[this.#at];
  }

  #accept(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #either(): Node {
    const branches = [this.#sequence()];
    while (this.#accept("|")) branches.push(this.#sequence());
    return branches.length === 1 ? branches[0] : { kind: "either", branches };
  }

  #sequence(): Node {
    const items: Node[] = [];
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek()) {
      items.push(this.#repeat(this.#atom()));
    }
    return items.length === 1 ? items[0] : { kind: "sequence", items };
  }

  #repeat(item: Node): Node {
    let repeated = item;
    for (let count = 0;; count++) {
      const bounds = this.#bounds();
      if (!bounds) return repeated;
      if (item.kind === "start" || item.kind === "end") throw this.#refuse("^ and $ cannot be repeated");
      if (count > 0) throw this.#refuse("a repetition follows a repetition");
      repeated = { kind: "repeat", item, ...bounds };
      // A lazy "?" changes what is captured, never whether there is a match.
      if (this.#peek() === "?") this.#at++;
    }
  }

  #bounds(): { least: number; most: number } | null {
    if (this.#accept("*")) return { least: 0, most: Infinity };
    if (this.#accept("+")) return { least: 1, most: Infinity };
    if (this.#accept("?")) return { least: 0, most: 1 };
    if (this.#peek() !== "{") return null;
    const match = /^\{(\d{1,9})(,(\d{0,9}))?\}/.exec(this.#source.slice(this.#at, this.#at + 24));
    if (!match) throw this.#refuse(`"{" at ${this.#at} starts no {m}, {m,} or {m,n}`);
    this.#at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === "" ? Infinity : Number(match[3]);
    if (most < least) throw this.#refuse(`in "${match[0]}" the bounds are the wrong way round`);
    if (least > MAX_REPEAT || (most !== Infinity && most > MAX_REPEAT)) {
      throw this.#refuse(`in "${match[0]}" a bound is more than ${MAX_REPEAT}`);
    }
    return { least, most };
  }

  #atom(): Node {
    const character = this.#source[this.#at++];
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "ranges", ranges: this.#class() };
      case ".":
        return { kind: "ranges", ranges: invert([literal("\n"), literal("\r")]) };
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "\\":
        return { kind: "ranges", ranges: this.#escape() };
      case "*":
      case "+":
      case "?":
      case "{":
        throw this.#refuse(`"${character}" at ${this.#at - 1} repeats nothing`);
    }
    return { kind: "ranges", ranges: [literal(character)] };
  }

  #group(): Node {
    if (this.#peek() === "?") {
      if (this.#source.slice(this.#at, this.#at + 2) !== "?:") {
        throw this.#refuse("(?…) look-around and named groups are not offered");
      }
      this.#at += 2;
    }
    if (++this.#depth > MAX_DEPTH) throw this.#refuse(`its groups are nested deeper than ${MAX_DEPTH}`);
    const inner = this.#either();
    this.#depth--;
    if (!this.#accept(")")) throw this.#refuse("a group is not closed");
    return inner;
  }

  #escape(): ClassRange[] {
    const character = this.#source[this.#at++];
    if (character === undefined) throw this.#refuse("it ends in a backslash");
    if (CLASSES[character]) return CLASSES[character];
    if (CONTROLS[character] !== undefined) return [literal(CONTROLS[character])];
    if (character === "x" || character === "u") {
      const digits = this.#source.slice(this.#at, this.#at + (character === "x" ? 2 : 4));
      if (!(character === "x" ? /^[\da-f]{2}$/i : /^[\da-f]{4}$/i).test(digits)) {
        throw this.#refuse(`\\${character} needs ${character === "x" ? "two" : "four"} hexadecimal digits`);
      }
      this.#at += digits.length;
      return [[parseInt(digits, 16), parseInt(digits, 16)]];
    }
    if (/[1-9]/.test(character)) throw this.#refuse("back references are not offered");
    if (/[a-zA-Z]/.test(character)) throw this.#refuse(`the escape \\${character} is not offered`);
    return [literal(character)];
  }

  #class(): ClassRange[] {
    const inverted = this.#accept("^");
    const ranges: ClassRange[] = [];
    while (!this.#accept("]")) {
      const low = this.#classItem();
      if (this.#peek() === "-" && this.#source[this.#at + 1] !== "]") {
        this.#at++;
        const high = this.#classItem();
        if (low.length > 1 || high.length > 1 || low[0][0] !== low[0][1]) {
          throw this.#refuse("a class stands at an end of a range");
        }
        if (high[0][1] < low[0][0]) throw this.#refuse("a range is the wrong way round");
        ranges.push([low[0][0], high[0][1]]);
      } else ranges.push(...low);
    }
    return inverted ? invert(ranges) : ranges;
  }

  #classItem(): ClassRange[] {
    const character = this.#source[this.#at++];
    if (character === undefined) throw this.#refuse("a [class] is not closed");
    if (character === "\\") return this.#escape();
    return [literal(character)];
  }
}
