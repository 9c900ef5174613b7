/** `.xz` streams through liblzma, with a limit on what they may unpack to. */
import { SbError } from "../src/core/mod.ts";
import { liblzma } from "./raw/liblzma.ts";

/** The most memory the decoder may take: 128 MiB; `xz -9` needs 65 MiB (xz(1)). */
const MEMORY_LIMIT_BYTES = 128n * 2n ** 20n;
const FIRST_OUTPUT_BYTES = 2 ** 20;
const USUAL_RATIO = 6;

/** `lzma_ret` (lzma/base.h). */
const LZMA_OK = 0;
const LZMA_BUF_ERROR = 10;
const FAILURES: Record<number, string> = {
  5: "out of memory",
  6: "it needs more than 128 MiB of memory to unpack",
  7: "it is not an .xz stream",
  8: "it uses options that liblzma does not know",
  9: "it is damaged",
};

/**
 * Unpacks an `.xz` stream.
 *
 * @param maxBytes the most bytes it may unpack to
 * @param name what messages call it
 * @throws SbError `file.not_elf` when it is damaged or unpacks to more, `library.missing`
 */
export function decompressXz(
  packed: Uint8Array<ArrayBuffer>,
  { maxBytes, name }: { maxBytes: number; name: string },
): Uint8Array<ArrayBuffer> {
  const { symbols } = liblzma;
  const refuse = (seen: string) => new SbError("file.not_elf", `Cannot unpack "${name}": ${seen}`);
  let sizeBytes = Math.min(maxBytes, Math.max(FIRST_OUTPUT_BYTES, packed.length * USUAL_RATIO));
  for (;;) {
    const output = new Uint8Array(sizeBytes);
    const inputAt = new BigUint64Array(1);
    const outputAt = new BigUint64Array(1);
    const result = symbols.lzma_stream_buffer_decode(
      BigUint64Array.of(MEMORY_LIMIT_BYTES),
      0,
      null,
      packed,
      inputAt,
      BigInt(packed.length),
      output,
      outputAt,
      BigInt(sizeBytes),
    );
    if (result === LZMA_OK) return output.slice(0, Number(outputAt[0]));
    if (result !== LZMA_BUF_ERROR) throw refuse(FAILURES[result] ?? `liblzma gave error ${result}`);
    // Nothing is consumed on failure, so too small an output looks like a stream cut short.
    if (sizeBytes >= maxBytes) throw refuse(`it is cut short, or unpacks to more than ${maxBytes} bytes`);
    sizeBytes = Math.min(maxBytes, sizeBytes * 4);
  }
}
