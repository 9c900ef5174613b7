/** GNU symbol versions: .gnu.version, .gnu.version_d and .gnu.version_r (LSB Core, "Symbol Versioning"). Pure. */

const HIDDEN = 0x8000;
/** More steps than there are versions (15 bits): a damaged chain may go round in small ones. */
const MAX_STEPS = 65_536;
const VERDEF = { index: 4, auxOffset: 12, next: 16, sizeBytes: 20 } as const;
const VERNEED = { count: 2, auxOffset: 8, next: 12, sizeBytes: 16 } as const;
const VERNAUX = { other: 6, name: 8, next: 12, sizeBytes: 16 } as const;

/** The sections' bytes; those that are missing are empty. They may be damaged: what cannot be followed is left out. */
export interface VersionSections {
  versym: Uint8Array<ArrayBuffer>;
  definitions: Uint8Array<ArrayBuffer>;
  needs: Uint8Array<ArrayBuffer>;
  strings: Uint8Array<ArrayBuffer>;
}

/** The versions of a dynamic symbol table. */
export class VersionTable {
  readonly #versym: Uint16Array;
  readonly #names = new Map<number, string>();

  constructor(sections: VersionSections) {
    const { versym, definitions, needs, strings } = sections;
    this.#versym = new Uint16Array(versym.buffer, versym.byteOffset, versym.length >> 1);
    const definition = new DataView(definitions.buffer, definitions.byteOffset, definitions.length);
    let steps = 0;
    for (let at = 0; at + VERDEF.sizeBytes <= definitions.length && steps++ < MAX_STEPS;) {
      const aux = at + definition.getUint32(at + VERDEF.auxOffset, true);
      if (aux + 8 > definitions.length) break;
      const index = definition.getUint16(at + VERDEF.index, true);
      this.#names.set(index, stringAt(strings, definition.getUint32(aux, true)));
      const next = definition.getUint32(at + VERDEF.next, true);
      if (next === 0) break;
      at += next;
    }
    const need = new DataView(needs.buffer, needs.byteOffset, needs.length);
    for (let at = 0; at + VERNEED.sizeBytes <= needs.length && steps++ < MAX_STEPS;) {
      let aux = at + need.getUint32(at + VERNEED.auxOffset, true);
      for (let left = need.getUint16(at + VERNEED.count, true); left > 0; left--) {
        if (aux + VERNAUX.sizeBytes > needs.length || steps++ > MAX_STEPS) break;
        const index = need.getUint16(aux + VERNAUX.other, true) & ~HIDDEN;
        this.#names.set(index, stringAt(strings, need.getUint32(aux + VERNAUX.name, true)));
        const step = need.getUint32(aux + VERNAUX.next, true);
        if (step === 0) break;
        aux += step;
      }
      const next = need.getUint32(at + VERNEED.next, true);
      if (next === 0) break;
      at += next;
    }
  }

  /** The version of a symbol; null for those without: local (0) and base (1). */
  at(index: number): { name: string; isDefault: boolean } | null {
    const value = this.#versym[index];
    if (value === undefined || (value & ~HIDDEN) < 2) return null;
    const name = this.#names.get(value & ~HIDDEN);
    return name === undefined ? null : { name, isDefault: (value & HIDDEN) === 0 };
  }
}

/** Longer than any path or name: a damaged table without a NUL is not decoded whole for each of its strings. */
const MAX_STRING_BYTES = 65_536;

/** A NUL-terminated string of a string table; cut at the table's end, or after 64 KiB. */
export function stringAt(strings: Uint8Array, position: number): string {
  if (position >= strings.length) return "";
  const rest = strings.subarray(position, position + MAX_STRING_BYTES);
  const end = rest.indexOf(0);
  return UTF8.decode(end < 0 ? rest : rest.subarray(0, end));
}

const UTF8 = new TextDecoder();
