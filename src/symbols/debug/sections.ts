/** The ELF sections that lead to debug information kept elsewhere, or packed. Pure but for the unpacking. */
import { SbError } from "../../core/mod.ts";
import { decompressXz } from "../../../ffi/mod.ts";

/** The most that a `.gnu_debugdata` may unpack to. */
const MAX_DEBUGDATA_BYTES = 512 * 2 ** 20;

/** What `.gnu_debuglink` names: a file and its CRC-32 (GDB manual, "Separate Debug Files"). */
export interface DebugLink {
  fileName: string;
  crc: number;
}

/** What `.gnu_debugaltlink` names: a file shared by several, and its build-id (dwz(1)). */
export interface DebugAltLink {
  path: string;
  /** Hexadecimal. */
  buildId: string;
}

function splitName(section: Uint8Array, what: string): { name: string; end: number } {
  const end = section.indexOf(0);
  if (end <= 0) throw new SbError("file.not_elf", `Cannot read "${what}": it names no file`);
  return { name: new TextDecoder().decode(section.subarray(0, end)), end: end + 1 };
}

/**
 * Reads `.gnu_debuglink`: a name, padding to four bytes, a CRC-32.
 *
 * @throws SbError `file.not_elf` when it is malformed, or when the name leads out of the folder
 */
export function parseDebugLink(section: Uint8Array, options: { bigEndian?: boolean } = {}): DebugLink {
  const { name, end } = splitName(section, ".gnu_debuglink");
  const at = Math.ceil(end / 4) * 4;
  if (at + 4 > section.length) {
    throw new SbError("file.not_elf", `Cannot read ".gnu_debuglink": its checksum is missing`);
  }
  if (name.includes("/") || name === "." || name === "..") {
    throw new SbError("file.not_elf", `Cannot read ".gnu_debuglink": "${name}" is no file name`);
  }
  const view = new DataView(section.buffer, section.byteOffset, section.length);
  return { fileName: name, crc: view.getUint32(at, !options.bigEndian) };
}

/** Reads `.gnu_debugaltlink`: a path and a build-id. @throws SbError `file.not_elf` when it is malformed */
export function parseDebugAltLink(section: Uint8Array): DebugAltLink {
  const { name, end } = splitName(section, ".gnu_debugaltlink");
  const id = Array.from(section.subarray(end), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (id === "") {
    throw new SbError("file.not_elf", `Cannot read ".gnu_debugaltlink": its build-id is missing`);
  }
  return { path: name, buildId: id };
}

/**
 * Unpacks `.gnu_debugdata`: an ELF image whose `.symtab` has the names that were stripped.
 *
 * @throws SbError `file.not_elf` when it is damaged or unpacks to more than 512 MiB, `library.missing`
 */
export function readGnuDebugdata(section: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return decompressXz(section, { maxBytes: MAX_DEBUGDATA_BYTES, name: ".gnu_debugdata" });
}
