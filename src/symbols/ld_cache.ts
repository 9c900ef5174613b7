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

/** A library of the cache. */
export interface CachedLibrary {
  name: string;
  path: string;
}

/** The libraries of this machine's kind, in the cache's order; none when the cache is damaged or of another form. */
export function parseLdCache(cache: Uint8Array<ArrayBuffer>, machine: keyof typeof FLAGS): CachedLibrary[] {
  let start = 0;
  const whole = new DataView(cache.buffer, cache.byteOffset, cache.length);
  if (hasMagic(cache, OLD_MAGIC, 0) && cache.length >= OLD_HEADER_BYTES) {
    start = Math.ceil((OLD_HEADER_BYTES + whole.getUint32(12, true) * OLD_ENTRY_BYTES) / 8) * 8;
  }
  if (!hasMagic(cache, NEW_MAGIC, start) || start + HEADER_BYTES > cache.length) return [];
  const bytes = cache.subarray(start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = Math.min(view.getUint32(20, true), Math.floor((bytes.length - HEADER_BYTES) / ENTRY_BYTES));
  const found: CachedLibrary[] = [];
  for (let index = 0; index < count; index++) {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    // An entry with hardware capabilities is for some processors only; the plain one follows.
    if (view.getInt32(at, true) !== FLAGS[machine] || view.getBigUint64(at + 16, true) !== 0n) continue;
    found.push({
      name: stringAt(bytes, view.getUint32(at + 4, true)),
      path: stringAt(bytes, view.getUint32(at + 8, true)),
    });
  }
  return found;
}

function hasMagic(bytes: Uint8Array, magic: string, at: number): boolean {
  for (let index = 0; index < magic.length; index++) {
    if (bytes[at + index] !== magic.charCodeAt(index)) return false;
  }
  return true;
}
