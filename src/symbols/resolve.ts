/** From a target to the functions it names, or to the refusal that says why not and what to write instead. */
import { SbError, toHex } from "../core/mod.ts";
import {
  type Candidate,
  demangledSymbols,
  extentBytes,
  functionsAt,
  matchingSymbols,
  namedSymbols,
} from "./candidates.ts";
import { findLine } from "./debug/mod.ts";
import { compileGlob } from "./glob.ts";
import { openFile, type Place as Where, placeOf } from "./locate.ts";
import type { LookupContext, ParsedTarget, Resolution, TargetFunction } from "./model.ts";
import { demangle } from "./names/mod.ts";
import {
  ambiguous,
  definedElsewhere,
  importRefusal,
  kindRefusal,
  notExecutable,
  notFoundIn,
  onlyLeftovers,
} from "./refusals.ts";
import type { UsedFile } from "./open_files.ts";
import { labelOf, notesOf, sortMatches } from "./pattern.ts";
import { compileRegex, type Pattern } from "./regex.ts";
import { rootOf } from "./root.ts";
import type { SymbolFile } from "./symbol_file.ts";
import { parseTarget } from "./target.ts";

interface Lookup {
  target: ParsedTarget;
  file: SymbolFile;
  where: Where;
}

/** {@linkcode resolve} without the notes. */
export function resolveTarget(target: ParsedTarget | string, context: LookupContext = {}): TargetFunction[] {
  return resolve(target, context).functions;
}

/**
 * Finds what a target names: one function, or with a glob or regex one for each address, by file offset.
 * Nothing stays open: of a process in another root, `openPath` leads through /proc/PID/root while it lives.
 *
 * @throws SbError `usage.target`, `file.*`, `process.not_found`, and the `probe.symbol_*` and `probe.site_*` refusals
 */
export function resolve(target: ParsedTarget | string, context: LookupContext = {}): Resolution {
  const parsed = typeof target === "string" ? parseTarget(target, context) : target;
  using root = rootOf(context);
  const where = placeOf(root, context);
  const placeText = parsed.text.slice(parsed.file.length + 1);
  using used = openProgram(parsed, placeText, where);
  return used.answer(placeText, () => lookUp({ target: parsed, file: used.symbols, where }));
}

function lookUp(lookup: Lookup): Resolution {
  const { target: parsed, file } = lookup;
  const { place } = parsed;
  switch (place.kind) {
    case "offset":
      if (!file.isExecutable(place.fileOffset)) throw notExecutable(parsed, file, place.fileOffset);
      return one([exactPlace(lookup, toHex(place.fileOffset), place.fileOffset)]);
    case "line":
      return one(resolveLine(lookup, place));
    case "symbol":
      return one(resolveName(lookup, place));
    case "glob":
      return resolveGlob(lookup, place.pattern);
    case "regex":
      return resolvePattern(lookup, compileRegex(place.source), place.source);
  }
}

function one(functions: TargetFunction[]): Resolution {
  return { functions, notes: [] };
}

/** Opens FILE; for a script the hint goes on to the library that has the function, if the ELF it runs has not. */
function openProgram(target: ParsedTarget, placeText: string, where: Where): UsedFile {
  try {
    return openFile(target.file, placeText, where);
  } catch (error) {
    if (!(error instanceof SbError) || error.code !== "file.script") throw error;
    const { runs } = error.data;
    if (typeof runs !== "string") throw error;
    let use = `${runs}:${placeText}`;
    try {
      resolveTarget({ ...target, text: use, file: runs }, where.context);
    } catch (inner) {
      if (inner instanceof SbError && typeof inner.data.target === "string") use = inner.data.target;
    }
    throw new SbError(error.code, error.message, {
      hint: `Use ${use}`,
      data: { ...error.data, target: use },
    });
  }
}

function resolveLine(lookup: Lookup, place: { source: string; line: number }): TargetFunction[] {
  const { file, where } = lookup;
  const found = findLine(file.file.path, place, {
    root: where.root.hostPrefix,
    openPath: file.file.openPath,
  });
  return found.addresses.map((address) => {
    const fileOffset = file.fileOffsetOf(Number(address));
    if (fileOffset === null) throw notExecutable(lookup.target, file, Number(address));
    return exactPlace(lookup, `${place.source}:${place.line}`, fileOffset);
  });
}

function resolveGlob(lookup: Lookup, pattern: string): Resolution {
  // `foo(char*)`, `operator*` and `main.(*T).Method` look like globs and are names: a name wins.
  if (/[(<[]|operator/.test(pattern)) {
    const place = { kind: "symbol", name: pattern } as const;
    if (namedSymbols(lookup.file, place).length > 0 || demangledSymbols(lookup.file, pattern).length > 0) {
      return one(resolveName(lookup, place));
    }
  }
  return resolvePattern(lookup, compileGlob(pattern), pattern);
}

function resolvePattern(lookup: Lookup, pattern: Pattern, text: string): Resolution {
  const { target, file, where } = lookup;
  const found = matchingSymbols(file, pattern);
  const matches = sortMatches(file, found, text);
  if (matches.functions.length > 0) {
    return { functions: toTargets(lookup, matches.functions), notes: notesOf(matches, target.text) };
  }
  if (matches.ifuncs.length > 0) throw kindRefusal(target, file, matches.ifuncs[0]);
  const left = [...matches.copies, ...matches.oldVersions];
  if (left.length > 0) throw onlyLeftovers(target, file, left.map(labelOf));
  const imported = found.find(({ kind }) => kind === "import");
  if (imported) throw importRefusal(target, file, { found: imported, where });
  throw found.length > 0 ? kindRefusal(target, file, found[0]) : notFoundIn(target, file, text);
}

function resolveName(
  lookup: Lookup,
  place: { kind: "symbol"; name: string; version?: string; offsetBytes?: number },
): TargetFunction[] {
  const { target, file, where } = lookup;
  let found = namedSymbols(file, place);
  if (found.length === 0) found = demangledSymbols(file, place.name);
  if (found.length === 0) {
    throw definedElsewhere(target, file, { name: place.name, version: place.version, where }) ??
      notFoundIn(target, file, place.name);
  }
  const defined = found.filter(({ kind }) => kind !== "import");
  if (defined.length === 0) throw importRefusal(target, file, { found: found[0], where });
  const meant = chooseVersion(defined);
  const chosen = meant.filter(({ kind }) => kind === "function");
  if (chosen.length === 0) throw kindRefusal(target, file, meant[0]);
  if (new Set(chosen.map(({ address }) => address)).size > 1) throw ambiguous(target, file, chosen);
  const { address } = chosen[0];
  const start = file.fileOffsetOf(address);
  if (start === null) throw notExecutable(target, file, address);
  if (place.offsetBytes === undefined) return toTargets(lookup, chosen);
  const fileOffset = start + place.offsetBytes;
  const sizeBytes = extentBytes(file, chosen[0]);
  if (!file.isExecutable(fileOffset) || place.offsetBytes >= sizeBytes) {
    throw new SbError(
      "probe.site_not_executable",
      `Cannot probe "${target.text}": ${place.name} is ${sizeBytes} bytes long`,
      { hint: `Use an offset below ${toHex(sizeBytes)}`, data: { sizeBytes } },
    );
  }
  return [exactPlace(lookup, `${place.name}+${toHex(place.offsetBytes)}`, fileOffset)];
}

/** A name without a version means the default one (`@@`), as it does to the linker. */
function chooseVersion(functions: readonly Candidate[]): readonly Candidate[] {
  const defaults = functions.filter(({ version }) => version?.isDefault !== false);
  return defaults.length > 0 ? defaults : functions;
}

function toTargets(lookup: Lookup, functions: readonly Candidate[]): TargetFunction[] {
  const { target, file } = lookup;
  const byAddress = new Map<number, Candidate[]>();
  for (const candidate of functions) {
    const same = byAddress.get(candidate.address);
    if (same) same.push(candidate);
    else byAddress.set(candidate.address, [candidate]);
  }
  const others = functionsAt(file, new Set(byAddress.keys()));
  const namesAt = new Map<number, Set<string>>();
  for (const { address, name } of [...functions, ...others]) {
    namesAt.set(address, (namesAt.get(address) ?? new Set()).add(name));
  }
  const targets: TargetFunction[] = [];
  for (const [address, [first]] of byAddress) {
    const fileOffset = file.fileOffsetOf(address);
    if (fileOffset === null) continue;
    targets.push({
      target: canonical(lookup, first.name),
      symbol: first.name,
      demangled: demangle(first.name),
      aliases: [...namesAt.get(address) ?? []].filter((name) => name !== first.name).sort(),
      file: file.file,
      at: target.at,
      fileOffset,
      sizeBytes: first.sizeBytes,
      exact: false,
    });
  }
  return targets.sort((a, b) => a.fileOffset - b.fileOffset);
}

function exactPlace(lookup: Lookup, symbol: string, fileOffset: number): TargetFunction {
  return {
    target: canonical(lookup, symbol),
    symbol,
    demangled: null,
    aliases: [],
    file: lookup.file.file,
    at: lookup.target.at,
    fileOffset,
    sizeBytes: 0,
    exact: true,
  };
}

function canonical({ target, file }: Lookup, symbol: string): string {
  return `${file.file.path}:${symbol}${target.at === "return" ? "%return" : ""}`;
}
