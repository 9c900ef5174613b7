/** The grammar of targets, `FILE:PLACE[%return]`: text to typed; only asks which prefix names a file. */
import { SbError } from "../core/mod.ts";
import { compileGlob, isGlob } from "./glob.ts";
import type { LookupContext, ParsedTarget, Place } from "./model.ts";
import { compileRegex } from "./regex.ts";
import { rootOf } from "./root.ts";

/** Longer than any real target: paths end at 4096 bytes, the longest C++ names are about as long. */
const MAX_TARGET_LENGTH = 65_536;
const EXAMPLE = "Write FILE:PLACE, for example libc.so.6:malloc";

/**
 * Reads a target. The longest prefix that names an existing file is FILE, since a path may hold ":".
 *
 * @throws SbError `usage.target`
 */
export function parseTarget(text: string, context: LookupContext = {}): ParsedTarget {
  const refuse = (seen: string, hint = EXAMPLE) =>
    new SbError("usage.target", `Cannot read the target "${text}": ${seen}`, { hint });
  if (text === "") throw refuse("it is empty");
  if (text.length > MAX_TARGET_LENGTH) {
    throw new SbError("usage.target", `Cannot read the target "${text.slice(0, 60)}…": it is too long`);
  }
  if (text.includes("\0")) throw refuse("it holds a NUL character");
  let rest = text;
  if (/ if\b[^/]*$/.test(rest)) {
    throw refuse('" if CONDITION" is reserved for later', "Leave the condition out");
  }
  let at: ParsedTarget["at"] = "entry";
  const suffix = /%([^%:/()]*)$/.exec(rest);
  if (suffix) {
    if (suffix[1] !== "return") {
      throw refuse(`"%${suffix[1]}" is not known`, "Write %return, or nothing for the entry");
    }
    at = "return";
    rest = rest.slice(0, suffix.index);
  }
  const colon = fileEnd(rest, context);
  if (colon < 0) throw refuse('it has no ":" between FILE and PLACE');
  const file = rest.slice(0, colon);
  const placeText = rest.slice(colon + 1);
  if (file === "") throw refuse("FILE is empty");
  if (placeText === "") throw refuse("PLACE is empty", `List what can stand there: sb symbols ${file}`);
  return { text, file, place: parsePlace(placeText, refuse), at };
}

/** @returns where the colon after FILE is, or −1 */
export function fileEnd(text: string, context: LookupContext): number {
  using root = rootOf(context);
  let first = -1;
  for (let at = text.lastIndexOf(":"); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(":", at - 1)) {
    const prefix = text.slice(0, at);
    if (prefix !== "" && root.exists(prefix, { fileOnly: !prefix.includes("/") })) return at;
    if (text[at - 1] !== ":" && text[at + 1] !== ":") first = at;
  }
  return first;
}

function parsePlace(text: string, refuse: (seen: string, hint?: string) => SbError): Place {
  if (text !== text.trim()) throw refuse("PLACE begins or ends with a blank");
  if (/^usdt:/.test(text)) {
    throw refuse("usdt: places are reserved for later", "Name the function instead");
  }
  if (text[0] === "/") {
    if (text.length < 3 || !text.endsWith("/")) {
      throw refuse("the regex is empty or not closed", "Write /regex/");
    }
    compileRegex(text.slice(1, -1));
    return { kind: "regex", source: text.slice(1, -1) };
  }
  if (/^0x/i.test(text)) {
    const fileOffset = /^0x[0-9a-f]+$/i.test(text) ? Number(text) : NaN;
    if (!Number.isSafeInteger(fileOffset)) {
      throw refuse("the file offset is malformed", "Write 0x and hexadecimal digits");
    }
    return { kind: "offset", fileOffset };
  }
  if (/^[-+]?\d+$/.test(text)) {
    throw refuse("a bare number names no place", "Write a file offset as 0xOFFSET");
  }
  const line = /^([^:()<>]+\.[^:()<>]+):(\d+)$/.exec(text);
  if (line) {
    const number = Number(line[2]);
    if (number < 1 || number > 0x7fffffff) throw refuse("lines are counted from 1", "Write file.c:123");
    return { kind: "line", source: line[1], line: number };
  }
  const into = /^(.+)\+(0x[0-9a-f]*|\d+)$/i.exec(text);
  if (into) {
    if (!/^0x[0-9a-f]{1,12}$/i.test(into[2])) {
      throw refuse(`the offset "+${into[2]}" is malformed`, "Write symbol+0xOFF, in hexadecimal");
    }
    return { kind: "symbol", ...nameAndVersion(into[1], refuse), offsetBytes: Number(into[2]) };
  }
  if (isGlob(text)) {
    compileGlob(text);
    return { kind: "glob", pattern: text };
  }
  return { kind: "symbol", ...nameAndVersion(text, refuse) };
}

function nameAndVersion(text: string, refuse: (seen: string, hint?: string) => SbError) {
  const match = /^([^@\s(/]+)@@?([^@]*)$/.exec(text);
  if (!match) return { name: text };
  if (match[2] === "") throw refuse('the version after "@" is empty', "Write symbol@VERSION");
  return { name: match[1], version: match[2] };
}
