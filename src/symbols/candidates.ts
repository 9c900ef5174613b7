/** The symbols of a file that a name or pattern means, before it is decided whether they may be targets. */
import type { Place } from "./model.ts";
import { demangle, demangledMatcher } from "./names/mod.ts";
import type { Pattern } from "./regex.ts";
import type { SymbolFile } from "./symbol_file.ts";
import type { SymbolKind, SymbolTable } from "./symbol_table.ts";

/** One symbol of one table. */
export interface Candidate {
  name: string;
  kind: SymbolKind;
  address: number;
  sizeBytes: number;
  version: { name: string; isDefault: boolean } | null;
}

function candidateAt(table: SymbolTable, index: number): Candidate | null {
  const kind = table.kindAt(index);
  if (kind === null) return null;
  // .symtab has the version within the name: `malloc@GLIBC_2.2.5`, `foo@@V2`.
  const full = table.nameAt(index);
  const split = /^([^@]+)(@@?)([A-Z][\w.]*)$/.exec(full);
  return {
    name: split ? split[1] : full,
    kind,
    address: table.addressAt(index),
    sizeBytes: table.sizeBytesAt(index),
    version: split ? { name: split[3], isDefault: split[2] === "@@" } : table.versionAt(index),
  };
}

/** Symbols of exactly that name, in any version, or in the one that is given. */
export function namedSymbols(file: SymbolFile, place: Extract<Place, { kind: "symbol" }>): Candidate[] {
  const names = place.version === undefined
    ? [place.name]
    : [place.name, `${place.name}@${place.version}`, `${place.name}@@${place.version}`];
  const search = (tables: readonly SymbolTable[]) =>
    tables.flatMap((table) =>
      names.flatMap((name) => table.find(name).map((index) => candidateAt(table, index)))
    )
      .filter((found) => found !== null)
      .filter(({ version }) => place.version === undefined || version?.name === place.version);
  const own = search(file.ownTables);
  // Debug files are opened only for a name that the file itself does not define.
  return own.some(({ kind }) => kind !== "import") ? own : search(file.tables);
}

/** Functions whose demangled name is the one written, with or without parameters. */
export function demangledSymbols(file: SymbolFile, wanted: string): Candidate[] {
  const matches = demangledMatcher(wanted);
  return scan(file, (name) => {
    if (!name.startsWith("_Z") && !name.startsWith("_R")) return false;
    const demangled = demangle(name);
    return demangled !== null && matches(demangled);
  });
}

/** Functions whose name, or demangled name, matches a pattern. */
export function matchingSymbols(file: SymbolFile, pattern: Pattern): Candidate[] {
  return scan(file, (name) => {
    if (pattern.test(name)) return true;
    const demangled = demangle(name);
    return demangled !== null && pattern.test(demangled);
  });
}

/** Names of everything that is defined as a function, for suggestions. */
export function* functionNames(file: SymbolFile): Iterable<string> {
  for (const table of file.tables) {
    for (let index = 1; index < table.length; index++) {
      if (table.kindAt(index) === "function") yield table.nameAt(index);
    }
  }
}

/** How far a function reaches at the most: to its end, or when that is not known to the next one that has a size. */
export function extentBytes(file: SymbolFile, { address, sizeBytes }: Candidate): number {
  if (sizeBytes > 0) return sizeBytes;
  let end = file.codeEndAfter(address);
  for (const table of file.tables) {
    for (let index = 1; index < table.length; index++) {
      const start = table.addressAt(index);
      if (start <= address || start >= end || table.kindAt(index) !== "function") continue;
      if (table.sizeBytesAt(index) > 0) end = start;
    }
  }
  return end - address;
}

/** Where the resolvers of IFUNCs are: functions that choose, once, and are not what is called. */
export function resolverAddresses(file: SymbolFile): Set<number> {
  const addresses = new Set<number>();
  for (const table of file.tables) {
    for (let index = 1; index < table.length; index++) {
      if (table.kindAt(index) === "ifunc") addresses.add(table.addressAt(index));
    }
  }
  return addresses;
}

/** Defined functions at an address, for aliases. */
export function functionsAt(file: SymbolFile, addresses: ReadonlySet<number>): Candidate[] {
  const found: Candidate[] = [];
  for (const table of file.ownTables) {
    for (let index = 1; index < table.length; index++) {
      if (!addresses.has(table.addressAt(index)) || table.kindAt(index) !== "function") continue;
      const candidate = candidateAt(table, index);
      if (candidate) found.push(candidate);
    }
  }
  return found;
}

function scan(file: SymbolFile, accept: (name: string) => boolean): Candidate[] {
  const found: Candidate[] = [];
  for (const table of file.tables) {
    for (let index = 1; index < table.length; index++) {
      const kind = table.kindAt(index);
      if (kind === null || kind === "data" || !accept(table.nameAt(index))) continue;
      const candidate = candidateAt(table, index);
      if (candidate) found.push(candidate);
    }
  }
  return found;
}
