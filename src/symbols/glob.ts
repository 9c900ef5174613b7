/** Globs over names: `*`, `?`, `[…]`, `[!…]`; `[]` is itself; `\` takes the next character as it is. Pure. */
import { SbError } from "../core/mod.ts";
import type { Pattern } from "./regex.ts";

type Piece = { kind: "literal"; text: string } | { kind: "any" } | {
  kind: "class";
  has: (code: number) => boolean;
};

/** Whether the text has a character that makes it a glob. `[` alone does not: C++ and Go names hold it. */
export function isGlob(text: string): boolean {
  return /[*?]|\[[^\]]+\]/.test(text);
}

/**
 * Compiles a glob, which matches the whole text. Time: text × pattern at the most, since a `*` is
 * never tried again once a later one was reached.
 *
 * @throws SbError `usage.target` for an unclosed class
 */
export function compileGlob(pattern: string): Pattern {
  // Runs between stars; every run is a list of one-character pieces.
  const runs: Piece[][] = [[]];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    const run = runs[runs.length - 1];
    if (character === "*") {
      if (run.length > 0 || runs.length === 1) runs.push([]);
    } else if (character === "?") run.push({ kind: "any" });
    else if (character === "[" && pattern[at + 1] === "]") {
      // `operator[]` and Go's `[]byte`: an empty class would match nothing.
      run.push({ kind: "literal", text: "[" });
    } else if (character === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) {
        throw new SbError("usage.target", `Cannot use the glob "${pattern}": a [class] is not closed`, {
          hint: "Close it with ], or write \\[ for the character itself",
        });
      }
      run.push({ kind: "class", has: classOf(pattern.slice(at + 1, end)) });
      at = end;
    } else {
      run.push({
        kind: "literal",
        text: character === "\\" && at + 1 < pattern.length ? pattern[++at] : character,
      });
    }
  }
  return { test: (text) => matches(runs, text) };
}

function classOf(inside: string): (code: number) => boolean {
  const inverted = inside[0] === "!" || inside[0] === "^";
  const text = inverted ? inside.slice(1) : inside;
  const ranges: [number, number][] = [];
  for (let at = 0; at < text.length; at++) {
    const low = text.charCodeAt(at);
    if (text[at + 1] === "-" && at + 2 < text.length) {
      ranges.push([low, text.charCodeAt(at + 2)]);
      at += 2;
    } else ranges.push([low, low]);
  }
  return (code) => ranges.some(([low, high]) => code >= low && code <= high) !== inverted;
}

function runAt(run: readonly Piece[], text: string, start: number): boolean {
  if (start < 0 || start + run.length > text.length) return false;
  for (let at = 0; at < run.length; at++) {
    const piece = run[at];
    if (piece.kind === "literal" ? text[start + at] !== piece.text : false) return false;
    if (piece.kind === "class" && !piece.has(text.charCodeAt(start + at))) return false;
  }
  return true;
}

function matches(runs: readonly Piece[][], text: string): boolean {
  const first = runs[0];
  if (!runAt(first, text, 0)) return false;
  if (runs.length === 1) return text.length === first.length;
  const last = runs[runs.length - 1];
  let at = first.length;
  for (const run of runs.slice(1, -1)) {
    while (at + run.length <= text.length && !runAt(run, text, at)) at++;
    if (at + run.length > text.length) return false;
    at += run.length;
  }
  return text.length - last.length >= at && runAt(last, text, text.length - last.length);
}
