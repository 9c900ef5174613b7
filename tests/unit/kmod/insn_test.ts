/** The kernel module's instruction decoders against objdump, an independent one, and against sb's own. */
import { assertEquals, assertGreater } from "@std/assert";
import { decodeArm64, decodeX86, type Instruction } from "../../../src/code/mod.ts";
import { executable, type Need, skipUnless } from "../../skip.ts";
import { disassemble, isOneInstruction } from "../code/objdump.ts";
import { Driver, PARTS } from "./build.ts";

const GCC = executable("/usr/bin/gcc");
const X86 = { holds: Deno.build.arch === "x86_64", why: "the module decodes the machine's own instructions" };

/** A piece of code for the driver: at most 15 bytes count, behind their number. */
const PIECE_BYTES = 16;
const LIBRARIES = `/usr/lib/${Deno.build.arch}-linux-gnu`;
const NOISE_PIECES = 400_000;

function isThere(path: string): Need {
  try {
    return { holds: Deno.statSync(path).isFile, why: "" };
  } catch {
    return { holds: false, why: `${path} is not installed` };
  }
}

/** What a driver says of a piece: `length refused|probeable`, or `none`. */
function answerAt(output: Uint8Array, index: number): string {
  const [length, probeable] = output.subarray(index * 2);
  return length === 0 ? "none" : `${length} ${probeable ? "probeable" : "refused"}`;
}

function answerOf(found: Instruction | null): string {
  return found ? `${found.lengthBytes} ${found.probeable ? "probeable" : "refused"}` : "none";
}

/** Numbers without a pattern, the same in every run: Marsaglia's xorshift32. */
function noise(length: number): Uint8Array {
  let state = 88172645;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13, state ^= state >>> 17, state ^= state << 5;
    return state;
  });
}

for (const path of [`${LIBRARIES}/libc.so.6`, `${LIBRARIES}/libcrypto.so.3`, "/usr/bin/python3.11"]) {
  const needs = [GCC, X86, executable("/usr/bin/objdump"), isThere(path)];
  Deno.test({
    ...skipUnless(`sb_insn_decode() finds every length in ${path} that objdump finds`, ...needs),
    fn: async () => {
      const lines = disassemble(path).filter(isOneInstruction);
      const pieces = new Uint8Array(lines.length * PIECE_BYTES);
      lines.forEach(({ bytes }, index) => {
        pieces[index * PIECE_BYTES] = bytes.length;
        pieces.set(bytes, index * PIECE_BYTES + 1);
      });
      using driver = new Driver("insn_driver", PARTS.insn);
      const output = await driver.run(pieces);
      const differences: string[] = [];
      lines.forEach(({ bytes, text }, index) => {
        const answer = answerAt(output, index);
        const expected = answerOf(decodeX86(bytes, 0));
        if (answer === expected && answer.startsWith(`${bytes.length} `)) return;
        differences.push(`${text}: ${answer}, not ${bytes.length} bytes, ${expected}`);
      });
      assertEquals(differences, []);
      assertGreater(lines.length, 100_000);
    },
  });
}

Deno.test({
  ...skipUnless("sb_insn_decode() takes noise for what decodeX86() takes it for", GCC, X86),
  fn: async () => {
    const pieces = noise(NOISE_PIECES * PIECE_BYTES);
    for (let index = 0; index < NOISE_PIECES; index++) pieces[index * PIECE_BYTES] %= PIECE_BYTES;
    using driver = new Driver("insn_driver", PARTS.insn);
    const output = await driver.run(pieces);
    const differences: string[] = [];
    for (let index = 0; index < NOISE_PIECES; index++) {
      const start = index * PIECE_BYTES + 1;
      const code = pieces.subarray(start, start + pieces[start - 1]);
      const [answer, expected] = [answerAt(output, index), answerOf(decodeX86(code, 0))];
      if (answer !== expected) differences.push(`${code}: ${answer}, not ${expected}`);
    }
    assertEquals(differences, []);
  },
});

Deno.test({
  ...skipUnless("sb_insn_decode() for arm64 lets through what decodeArm64() lets through", GCC),
  fn: async () => {
    const pieces = noise(NOISE_PIECES * PIECE_BYTES);
    for (let index = 0; index < NOISE_PIECES; index++) {
      const at = index * PIECE_BYTES;
      pieces[at] = 4;
      // Half of them in the group of branches and system instructions, most of which noise would miss.
      if (index & 1) pieces[at + 4] = [0x14, 0x54, 0x34, 0x36, 0xd6, 0xd4, 0xd5, 0xd5][pieces[at + 5] & 7];
      if ((index & 7) === 7) {
        pieces.set([0x1f | pieces[at + 1] & 0xe0, 0x20 | pieces[at + 2] & 15, 3, 0xd5], at + 1);
      }
    }
    using driver = new Driver("insn_arm64_driver", []);
    const output = await driver.run(pieces);
    const differences: string[] = [];
    let probeable = 0;
    for (let index = 0; index < NOISE_PIECES; index++) {
      const start = index * PIECE_BYTES + 1;
      const code = pieces.subarray(start, start + 4);
      const found = decodeArm64(code, 0);
      // udf ends programs: a probe there is of no use, and zeroes are what lies between functions.
      const expected = found?.probeable === true && found.kind !== "trap";
      if (output[index * 2 + 1] === 1 !== expected) differences.push(`${code}: ${answerAt(output, index)}`);
      if (expected) probeable++;
    }
    assertEquals(differences, []);
    assertGreater(probeable, NOISE_PIECES / 10);
  },
});
