/** Why a symbol cannot be a target, each with what to write instead. */
import { nearestNames, SbError, toHex } from "../core/mod.ts";
import { type Candidate, functionNames, namedSymbols } from "./candidates.ts";
import { ifuncImplementation } from "./ifunc.ts";
import { loadedLibraries } from "./libraries.ts";
import { contextLibraries, type Place as Where } from "./locate.ts";
import type { ParsedTarget } from "./model.ts";
import { demangle, splitCloneSuffix, withoutParameters } from "./names/mod.ts";
import { SymbolFile } from "./symbol_file.ts";

const MOST_LISTED = 10;

function suffixOf(target: ParsedTarget): string {
  return target.at === "return" ? "%return" : "";
}

/** No such name: the compiler's copies of it are listed, then the nearest names. */
export function notFoundIn(target: ParsedTarget, file: SymbolFile, name: string): SbError {
  const names = [...new Set(functionNames(file))];
  const copies = names.filter((other) =>
    other.startsWith(`${name}.`) && splitCloneSuffix(other).base === name
  );
  const near = copies.length > 0 ? [] : nearestNames(name, isSourceName(name) ? sourceNames(names) : names);
  const { path } = file.file;
  const seen = copies.length > 0
    ? `"${path}" has only compiler-made parts of it: ${copies.slice(0, MOST_LISTED).join(", ")}`
    : names.length === 0
    ? `"${path}" has no function symbols`
    : `"${path}" has no such function${near.length > 0 ? `; the nearest are ${near.join(", ")}` : ""}`;
  const first = copies[0] ?? near[0];
  return new SbError("probe.symbol_not_found", `Cannot find "${target.text}": ${seen}`, {
    hint: first ? `Use ${path}:${first}${suffixOf(target)}` : `List what is there: sb symbols ${path}`,
    data: { copies, nearest: near },
  });
}

/** `Foo::bar(int)`: a name as the source has it, to be compared with demangled ones. */
function isSourceName(name: string): boolean {
  return name.includes("::") || name.includes("(");
}

function sourceNames(names: readonly string[]): string[] {
  return names.map((name) => {
    const demangled = demangle(name);
    return demangled === null ? name : withoutParameters(demangled);
  });
}

/** A pattern matches nothing but copies of functions and old versions. @param names as targets name them */
export function onlyLeftovers(target: ParsedTarget, file: SymbolFile, names: readonly string[]): SbError {
  const { path } = file.file;
  return new SbError(
    "probe.symbol_not_found",
    `Cannot find "${target.text}": only compiler-made copies and old versions match: ${
      names.slice(0, MOST_LISTED).join(", ")
    }`,
    { hint: `Name one: ${path}:${names[0]}${suffixOf(target)}`, data: { copies: names } },
  );
}

/** Several functions of one name. */
export function ambiguous(target: ParsedTarget, file: SymbolFile, found: readonly Candidate[]): SbError {
  const byAddress = new Map(found.map((candidate) => [candidate.address, candidate]));
  const names = new Set(found.map(({ name, version }) => `${name}@${version?.name}`));
  const candidates = [...byAddress.values()].map((candidate) => {
    const { name, version, address } = candidate;
    // Static functions of one name can only be told apart by where they are.
    const place = names.size < byAddress.size
      ? toHex(file.fileOffsetOf(address) ?? 0)
      : version
      ? `${name}@${version.name}`
      : name;
    return { place, name, demangled: demangle(name) };
  });
  const listed = candidates.slice(0, MOST_LISTED)
    .map(({ place, demangled }) => demangled ? `${place} (${demangled})` : place).join(", ");
  return new SbError(
    "probe.symbol_ambiguous",
    `Cannot choose "${target.text}": ${candidates.length} functions have that name: ${listed}`,
    { hint: `Name one: ${file.file.path}:${candidates[0].place}${suffixOf(target)}`, data: { candidates } },
  );
}

/** The address or offset is not code. */
export function notExecutable(target: ParsedTarget, file: SymbolFile, place: number): SbError {
  return new SbError(
    "probe.site_not_executable",
    `Cannot probe "${target.text}": ${
      toHex(place)
    } is outside the executable segments of "${file.file.path}"`,
    { hint: `List the functions and their offsets: sb symbols ${file.file.path}` },
  );
}

/** Data, or an IFUNC, which is a resolver and not the function that is called. */
export function kindRefusal(target: ParsedTarget, file: SymbolFile, found: Candidate): SbError {
  const { path } = file.file;
  if (found.kind !== "ifunc") {
    return new SbError(
      "probe.symbol_data",
      `Cannot probe "${target.text}": ${found.name} is data, not a function`,
      { hint: `List the functions: sb symbols ${path}` },
    );
  }
  const inUse = ifuncImplementation(file, found.name);
  const near = [...functionNames(file)].filter((name) =>
    name.replace(/^_+/, "").startsWith(`${found.name}_`)
  );
  const use = inUse === null ? near[0] : inUse.symbol ?? toHex(inUse.fileOffset);
  const seen = inUse !== null
    ? `${found.name} is an IFUNC; the implementation in use is ${inUse.symbol ?? "at"} ${
      toHex(inUse.fileOffset)
    }`
    : `${found.name} is an IFUNC, which chooses an implementation at run time${
      near.length > 0 ? `; the candidates are ${near.slice(0, MOST_LISTED).join(", ")}` : ""
    }`;
  return new SbError("probe.symbol_ifunc", `Cannot probe "${target.text}": ${seen}`, {
    hint: use ? `Use ${path}:${use}${suffixOf(target)}` : `List the functions: sb symbols ${path}`,
    data: { implementation: inUse, candidates: near },
  });
}

/** An import: another file has the code. */
export function importRefusal(
  target: ParsedTarget,
  file: SymbolFile,
  { found, where }: { found: Candidate; where: Where },
): SbError {
  const { path } = file.file;
  const elsewhere = definedElsewhere(target, file, { name: found.name, version: found.version?.name, where });
  return elsewhere ?? new SbError(
    "probe.symbol_undefined",
    `Cannot probe "${target.text}": "${path}" imports ${found.name}, and no library that it loads defines it`,
    { hint: `See what it loads: ldd ${path}` },
  );
}

/** The file has no code of that name, but a library that it loads has. @returns null when none has */
export function definedElsewhere(
  target: ParsedTarget,
  file: SymbolFile,
  wanted: { name: string; version?: string; where: Where },
): SbError | null {
  const { path } = file.file;
  const libraries = [...loadedLibraries(path, wanted.where), ...contextLibraries(wanted.where)];
  for (const library of new Set(libraries.map((loaded) => loaded.path))) {
    if (library === path || !defines(library, wanted)) continue;
    const use = `${library}:${wanted.name}${suffixOf(target)}`;
    return new SbError(
      "probe.symbol_undefined",
      `Cannot probe "${target.text}": "${path}" does not define ${wanted.name}, "${library}" does`,
      { hint: `Use ${use}`, data: { library, target: use } },
    );
  }
  return null;
}

function defines(path: string, wanted: { name: string; version?: string; where: Where }): boolean {
  const { root } = wanted.where;
  using fd = root.open(path);
  if (fd === null || !Deno.statSync(fd.path).isFile) return false;
  try {
    using library = new SymbolFile(fd, root);
    return namedSymbols(library, { kind: "symbol", name: wanted.name })
      .some(({ kind, version }) =>
        (kind === "function" || kind === "ifunc") &&
        (!wanted.version || !version || version.name === wanted.version)
      );
  } catch (error) {
    if (error instanceof SbError && error.code !== "library.missing") return false;
    throw error;
  }
}
