/** What a shell may put in the place of the beginning of a target. */
import { SbError } from "../core/mod.ts";
import { libraryNames } from "./libraries.ts";
import { listSymbols } from "./listing.ts";
import type { LookupContext } from "./model.ts";
import { demangle, withoutParameters } from "./names/mod.ts";
import { rootOf } from "./root.ts";
import { fileEnd } from "./target.ts";

/** A shell asks before it shows so many, and takes seconds to sort more. */
const MOST = 5000;

/**
 * The targets that begin with a text: `FILE:SYMBOL` by name and by demangled name without its parameters, `…%return` once
 * the sign is there, and without a colon the names of libraries, each with one. None where the file cannot be read.
 */
export function completeTarget(text: string, context: LookupContext = {}): string[] {
  const colon = fileEnd(text, context);
  if (colon < 0) return text.includes("/") ? [] : libraries(text, context);
  const file = text.slice(0, colon);
  const prefix = text.slice(colon + 1);
  const sign = prefix.indexOf("%");
  if (sign >= 0) {
    return "%return".startsWith(prefix.slice(sign)) ? [`${file}:${prefix.slice(0, sign)}%return`] : [];
  }
  try {
    return symbols(file, prefix, context).map((name) => `${file}:${name}`);
  } catch (error) {
    // Whoever types on is told why by the command itself.
    if (error instanceof SbError) return [];
    throw error;
  }
}

function libraries(prefix: string, context: LookupContext): string[] {
  using root = rootOf(context);
  return libraryNames(root).filter((name) => name.startsWith(prefix)).map((name) => `${name}:`);
}

function symbols(file: string, prefix: string, context: LookupContext): string[] {
  const listing = listSymbols(file, context);
  const found = new Set<string>();
  for (let row = 0; row < listing.length && found.size < MOST; row++) {
    const name = listing.nameAt(row);
    if (name.startsWith(prefix)) found.add(name);
    const demangled = /^_[ZR]/.test(name) ? demangle(name) : null;
    if (demangled === null) continue;
    const short = withoutParameters(demangled);
    if (short.startsWith(prefix)) found.add(short);
  }
  return [...found].sort();
}
