/** /etc/ld.so.cache: which file a library name stands for (glibc, sysdeps/generic/dl-cache.h). Pure. */
import { stringAt } from "./versions.ts";

const OLD_MAGIC = "ld.so-1.7.0\0";
const NEW_MAGIC = "glibc-ld.so.cache1.1";
const HEADER_BYTES = 48;
const ENTRY_BYTES = 24;
const OLD_HEADER_BYTES = 16;
const OLD_ENTRY_BYTES = 12;
/** FLAG_ELF_LIBC6 with the machine's bits. */
const FLAGS = { x86_64: 0x0303, aarch64: 0x0a03 } as const;

/** Where the header tells of the extensions: {u32 magic, count; {u32 tag, flags, offset, size}[]}. */
const EXTENSION_OFFSET = 32;
const EXTENSION_MAGIC = 0xeaa42174;
const TAG_GLIBC_HWCAPS = 1;
/** DL_CACHE_HWCAP_EXTENSION: the low half of the entry's word is an index into the names. */
const HWCAP_EXTENSION = 1n << 62n;
/** More names than there are levels. */
const MAX_LEVELS = 1024;

/** A library of the cache. */
export interface CachedLibrary {
  name: string;
  path: string;
}

/**
 * The libraries of this machine's kind, in the cache's order but those for the highest of `levels` first; none when the
 * cache is damaged or of another form.
 *
 * @param levels the processor's, the highest first
 */
export function parseLdCache(
  cache: Uint8Array<ArrayBuffer>,
  { machine, levels }: { machine: keyof typeof FLAGS; levels: readonly string[] },
): CachedLibrary[] {
  let start = 0;
  const whole = new DataView(cache.buffer, cache.byteOffset, cache.length);
  if (hasMagic(cache, OLD_MAGIC, 0) && cache.length >= OLD_HEADER_BYTES) {
    start = Math.ceil((OLD_HEADER_BYTES + whole.getUint32(12, true) * OLD_ENTRY_BYTES) / 8) * 8;
  }
  if (!hasMagic(cache, NEW_MAGIC, start) || start + HEADER_BYTES > cache.length) return [];
  const bytes = cache.subarray(start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = Math.min(view.getUint32(20, true), Math.floor((bytes.length - HEADER_BYTES) / ENTRY_BYTES));
  const named = namedLevels(bytes);
  const ranked: (CachedLibrary & { rank: number })[] = [];
  for (let index = 0; index < count; index++) {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    const hwcap = view.getBigUint64(at + 16, true);
    let rank = levels.length;
    if (hwcap !== 0n) {
      // Without the extension bit: the platform words of before glibc 2.33, for which the plain entry follows.
      if ((hwcap & HWCAP_EXTENSION) === 0n) continue;
      rank = levels.indexOf(named[Number(hwcap & 0xffffffffn)]);
    }
    if (rank < 0 || view.getInt32(at, true) !== FLAGS[machine]) continue;
    ranked.push({
      name: stringAt(bytes, view.getUint32(at + 4, true)),
      path: stringAt(bytes, view.getUint32(at + 8, true)),
      rank,
    });
  }
  return ranked.sort((a, b) => a.rank - b.rank).map(({ name, path }) => ({ name, path }));
}

/** The glibc-hwcaps names of the cache's extension directory, by index; empty when there is none. */
function namedLevels(bytes: Uint8Array<ArrayBuffer>): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = view.getUint32(EXTENSION_OFFSET, true);
  if (at === 0 || at + 8 > bytes.length || view.getUint32(at, true) !== EXTENSION_MAGIC) return [];
  const sections = Math.min(view.getUint32(at + 4, true), Math.floor((bytes.length - at - 8) / 16));
  for (let index = 0; index < sections; index++) {
    const section = at + 8 + index * 16;
    if (view.getUint32(section, true) !== TAG_GLIBC_HWCAPS) continue;
    const offset = view.getUint32(section + 8, true);
    const sizeBytes = Math.min(view.getUint32(section + 12, true), bytes.length - offset);
    const names: string[] = [];
    for (let word = 0; word + 4 <= sizeBytes && names.length < MAX_LEVELS; word += 4) {
      names.push(stringAt(bytes, view.getUint32(offset + word, true)));
    }
    return names;
  }
  return [];
}

function hasMagic(bytes: Uint8Array, magic: string, at: number): boolean {
  for (let index = 0; index < magic.length; index++) {
    if (bytes[at + index] !== magic.charCodeAt(index)) return false;
  }
  return true;
}
