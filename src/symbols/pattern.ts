/** Which of the symbols that a glob or regex matches it means: functions as they are called, no leftovers of them. */
import { type Candidate, resolverAddresses } from "./candidates.ts";
import { isCompilerCopy, splitCloneSuffix } from "./names/mod.ts";
import type { SymbolFile } from "./symbol_file.ts";

const MOST_LISTED = 3;

/** The symbols that a pattern means, and those that it matches and does not mean. */
export interface PatternMatches {
  functions: Candidate[];
  /** An IFUNC is a choice; its implementations have names of their own. */
  ifuncs: Candidate[];
  /** `foo.cold`, unless the pattern says `.cold` itself. */
  copies: Candidate[];
  /** Versions that only programs linked long ago call: a name alone does not mean them. */
  oldVersions: Candidate[];
}

/** Parts the symbols that match a pattern. @param pattern as written, which may name a copy's suffix */
export function sortMatches(file: SymbolFile, found: readonly Candidate[], pattern: string): PatternMatches {
  const matches: PatternMatches = { functions: [], ifuncs: [], copies: [], oldVersions: [] };
  const resolvers = resolverAddresses(file);
  for (const candidate of found) {
    const { kind, address, name, version } = candidate;
    if (version?.isDefault === false) {
      if (kind !== "import") matches.oldVersions.push(candidate);
    } else if (kind === "ifunc") matches.ifuncs.push(candidate);
    else if (kind !== "function" || !file.isCode(address) || resolvers.has(address)) continue;
    else if (isUnnamedCopy(file, name, pattern)) matches.copies.push(candidate);
    else matches.functions.push(candidate);
  }
  const taken = new Set(matches.functions.map(({ address }) => address));
  for (const rest of ["copies", "oldVersions"] as const) {
    matches[rest] = matches[rest].filter(({ address }) => !taken.has(address));
  }
  return matches;
}

function isUnnamedCopy(file: SymbolFile, name: string, pattern: string): boolean {
  // Go's own names have points: `main.cold` is a function that someone called so.
  if (file.file.go || !isCompilerCopy(name)) return false;
  const words = splitCloneSuffix(name).suffix.split(".").filter((word) => /^[A-Za-z_]/.test(word));
  return !words.some((word) => pattern.includes(`.${word}`));
}

/** What was left out, in sentences; none when nothing was. */
export function notesOf(matches: PatternMatches, target: string): string[] {
  const notes: string[] = [];
  const add = (left: readonly Candidate[], what: [one: string, many: string], way: string) => {
    const names = [...new Set(left.map(labelOf))].sort();
    if (names.length === 0) return;
    const listed = names.slice(0, MOST_LISTED).join(", ") + (names.length > MOST_LISTED ? ", …" : "");
    const many = names.length > 1;
    notes.push(
      `${names.length} ${what[many ? 1 : 0]} that "${target}" matches ${
        many ? "were" : "was"
      } left out (${listed}): ${way}`,
    );
  };
  add(matches.ifuncs, ["IFUNC", "IFUNCs"], "name the implementation in use");
  add(matches.copies, ["compiler-made copy", "compiler-made copies"], "write the suffix in the pattern");
  add(matches.oldVersions, ["old version", "old versions"], "name it with its version");
  return notes;
}

/** A symbol as a target names it. */
export function labelOf({ name, version }: Candidate): string {
  return version?.isDefault === false ? `${name}@${version.name}` : name;
}
