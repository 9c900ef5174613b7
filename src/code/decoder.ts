/** Which decoder a machine's code takes. */
import { decodeArm64, textOfArm64 } from "./arm64.ts";
import type { Decoder } from "./model.ts";
import { decodeX86, textOfX86 } from "./x86.ts";

const DECODERS = {
  x86_64: { decode: decodeX86, text: textOfX86 },
  aarch64: { decode: decodeArm64, text: textOfArm64 },
} as const satisfies Record<string, Decoder>;

/** The decoder for the code of a machine, as ELF files name it. */
export function decoderOf(machine: keyof typeof DECODERS): Decoder {
  return DECODERS[machine];
}
