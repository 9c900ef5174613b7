/** The CRC-32 of `.gnu_debuglink`: that of zlib (polynomial 0xEDB88320, reflected). Reads files by pieces. */

const PIECE_BYTES = 2 ** 20;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Continues a checksum. @param before the checksum of what came before; 0 at the start */
export function crc32(bytes: Uint8Array, before = 0): number {
  let value = ~before;
  for (let at = 0; at < bytes.length; at++) value = TABLE[(value ^ bytes[at]) & 0xff] ^ (value >>> 8);
  return ~value >>> 0;
}

/** The checksum of a whole file. */
export function crc32OfFile(path: string): number {
  using file = Deno.openSync(path);
  const piece = new Uint8Array(PIECE_BYTES);
  let value = 0;
  for (;;) {
    const count = file.readSync(piece);
    if (count === null) return value;
    value = crc32(piece.subarray(0, count), value);
  }
}
