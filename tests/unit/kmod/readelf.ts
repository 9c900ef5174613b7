/** What `readelf` says of an ELF file, and which place a symbol must resolve to: an oracle for the kernel module's resolver. */
import { decodeX86 } from "../../../src/code/mod.ts";

/** A row of a symbol table. */
export interface Row {
  table: ".symtab" | ".dynsym";
  value: number;
  size: number;
  type: string;
  binding: string;
  section: string;
  name: string;
  /** An older version than the one that a bare name means. */
  hidden: boolean;
}

interface Range {
  address: number;
  offset: number;
  size: number;
}

/** A file as readelf has it. */
export interface Listing {
  rows: Row[];
  /** The executable segments, as far as they are in the file. */
  segments: Range[];
  /** The executable sections, by their numbers. */
  sections: ReadonlyMap<string, Range>;
  bytes: Uint8Array;
}

function readelf(path: string, ...args: readonly string[]): string[] {
  const { success, stdout, stderr } = new Deno.Command("readelf", { args: ["-W", ...args, path] })
    .outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n");
}

const ROW = /^ *\d+: ([0-9a-f]+) +(0x[0-9a-f]+|\d+) +(\S+) +(\S+) +\S+ +(?:\[.*?\] +)?(\S+) (.+)$/;

function rowOf(line: string, table: Row["table"]): Row | null {
  const [, value, size, type, binding, section, text] = ROW.exec(line) ?? [];
  if (text === undefined) return null;
  // readelf appends versions to .dynsym; those in .symtab are part of the name.
  const version = table === ".dynsym" ? /^(.*?)(@@?)[^@]+$/.exec(text) : null;
  return {
    table,
    value: parseInt(value, 16),
    size: Number(size),
    type,
    binding,
    section,
    name: version?.[1] ?? text,
    hidden: version?.[2] === "@" && section !== "UND",
  };
}

/** Lists a file. */
export function list(path: string): Listing {
  const rows: Row[] = [];
  let table: Row["table"] | undefined;
  for (const line of readelf(path, "-s")) {
    const header = /^Symbol table '(.*)'/.exec(line);
    if (header) table = header[1] === ".symtab" || header[1] === ".dynsym" ? header[1] : undefined;
    const row = table && rowOf(line, table);
    if (row) rows.push(row);
  }
  const segments = readelf(path, "-l").flatMap((line) => {
    const [, offset, address, size, flags] = /^ +LOAD +(\S+) (\S+) \S+ (\S+) \S+ (...) /.exec(line) ?? [];
    return flags?.includes("E")
      ? [{ offset: Number(offset), address: Number(address), size: Number(size) }]
      : [];
  });
  const sections = new Map(
    readelf(path, "-S").flatMap((line) => {
      const [, number, address, offset, size, flags] =
        /^ +\[ *(\d+)\] \S+ +\S+ +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) [0-9a-f]+ +([A-Za-z]*) /.exec(line) ??
          [];
      if (!flags?.includes("X")) return [];
      const range = {
        address: parseInt(address, 16),
        offset: parseInt(offset, 16),
        size: parseInt(size, 16),
      };
      return [[number, range] as const];
    }),
  );
  return { rows, segments, sections, bytes: Deno.readFileSync(path) };
}

function rangeOf(ranges: Iterable<Range>, address: number): Range | undefined {
  return [...ranges].find((range) => address >= range.address && address < range.address + range.size);
}

function isFunction(listing: Listing, { type, value, section }: Row): boolean {
  const range = listing.sections.get(section);
  return (type === "FUNC" || type === "NOTYPE") && range !== undefined &&
    rangeOf([range], value) !== undefined && rangeOf(listing.segments, value) !== undefined;
}

function rank({ section, binding, hidden }: Row): number {
  return section === "UND" ? 3 : binding === "LOCAL" ? 2 : hidden ? 1 : 0;
}

/** The file offset that a name must resolve to, or the errno. */
export function expected(listing: Listing, name: string): string {
  const rows = listing.rows.filter((row) =>
    row.name === name && row.type !== "FILE" && row.type !== "SECTION"
  );
  if (rows.length === 0) return "ENOENT";
  const best = Math.min(...rows.map(rank));
  const chosen = rows.find((row) => rank(row) === best && isFunction(listing, row));
  const segment = chosen && rangeOf(listing.segments, chosen.value);
  if (!chosen || !segment) return "EADDRNOTAVAIL";
  const around = listing.rows.filter(({ type, section, value, size }) =>
    type === "FUNC" && section !== "UND" && value < chosen.value && chosen.value < value + size
  ).map(({ value }) => value);
  const toOffset = (address: number) => address - segment.address + segment.offset;
  const offset = toOffset(chosen.value);
  for (let at = toOffset(Math.min(chosen.value, ...around)); at !== offset;) {
    const found = decodeX86(listing.bytes, at);
    if (!found || at > offset) return "EADDRNOTAVAIL";
    at += found.lengthBytes;
  }
  return decodeX86(listing.bytes, offset)?.probeable ? `0x${offset.toString(16)}` : "EADDRNOTAVAIL";
}
