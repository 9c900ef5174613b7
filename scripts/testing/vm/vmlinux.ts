/** The ELF kernel inside a bzImage: booted directly, without the emulated decompression, it is up 8 s earlier. */
import { VmError } from "./cache.ts";
import { toolOutput } from "./tool.ts";

/** Fields of the setup header: Documentation/arch/x86/boot.rst, protocol 2.08. */
const SETUP_SECTORS = 0x1f1;
const MAGIC = 0x202;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const HEADER_END = 0x268;
const SECTOR_BYTES = 512;

const DECOMPRESSORS: readonly { magic: readonly number[]; command: readonly string[] }[] = [
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], command: ["xz", "-dc"] },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], command: ["zstd", "-dcq"] },
  { magic: [0x1f, 0x8b], command: ["gzip", "-dc"] },
];

/** The compressed kernel of a bzImage. @throws VmError when it is no bzImage, or damaged */
export function payload(image: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (image.length < HEADER_END || new TextDecoder().decode(image.subarray(MAGIC, MAGIC + 4)) !== "HdrS") {
    throw new VmError("Cannot read the kernel: it is no bzImage");
  }
  const start = (image[SETUP_SECTORS] + 1) * SECTOR_BYTES + view.getUint32(PAYLOAD_OFFSET, true);
  const end = start + view.getUint32(PAYLOAD_LENGTH, true);
  if (end > image.length || end - start < 4) throw new VmError("Cannot read the kernel: its payload is cut");
  return image.subarray(start, end);
}

/** The vmlinux of a bzImage. @throws VmError when it is packed in a way that is not known */
export async function extractVmlinux(image: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = payload(image);
  const found = DECOMPRESSORS.find(({ magic }) => magic.every((byte, index) => packed[index] === byte));
  if (!found) throw new VmError("Cannot read the kernel: neither xz, zstd nor gzip");
  // gzip's own trailer is the size that the boot code reads; the others have four bytes behind them for it.
  const stream = found.command[0] === "gzip" ? packed : packed.subarray(0, packed.length - 4);
  return await toolOutput(found.command, { stdin: stream });
}
