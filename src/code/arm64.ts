/** A64 instructions: their flow, and what the kernel's uprobes do with them. */
import type { Instruction } from "./model.ts";
import { BRANCHES, type Encoding, type Fate, HINTS, OTHERS } from "./arm64_tables.ts";

const LENGTH_BYTES = 4;
/** The first of the two conditions that always hold (Arm ARM DDI 0487, C1.2.4). */
const ALWAYS = 14;
const CONDITIONS = [
  "eq",
  "ne",
  "cs",
  "cc",
  "mi",
  "pl",
  "vs",
  "vc",
  "hi",
  "ls",
  "ge",
  "lt",
  "gt",
  "le",
  "al",
  "nv",
];

/** A word taken apart; null when no instruction has it. */
type Decoded = Pick<Encoding, "name" | "kind" | "displacement"> & { fate: Fate };

const PLAIN: Decoded = { name: "", kind: "other", fate: "stepped" };

/**
 * Decodes the instruction at `offset`; null when it is in an unallocated group or not whole.
 *
 * Emulated and refused instructions: arch/arm64/kernel/probes/decode-insn.c, arm_probe_decode_insn() and
 * aarch64_insn_is_steppable(). Kernels before 6.13 step `nop` (commit ac4ad5c09b34); those before 6.12 take literal
 * loads and simulate them wrongly (commit acc450aa0709).
 */
export function decodeArm64(bytes: Uint8Array, offset: number): Instruction | null {
  const word = wordAt(bytes, offset);
  const decoded = word === null ? null : take(word);
  if (word === null || !decoded) return null;
  const { displacement, fate } = decoded;
  const found: Instruction = {
    lengthBytes: LENGTH_BYTES,
    kind: decoded.kind,
    emulated: fate === "emulated",
    probeable: fate !== "refused",
  };
  if (displacement) {
    const { shift, bits } = displacement;
    found.target = offset + (word << (32 - shift - bits) >> (32 - bits)) * LENGTH_BYTES;
  }
  if (isConditional(word)) {
    const condition = word & 15;
    if (condition >= ALWAYS) found.kind = "jmp";
    else found.condition = condition;
  }
  return found;
}

function wordAt(bytes: Uint8Array, offset: number): number | null {
  if (offset < 0 || offset + LENGTH_BYTES > bytes.length) return null;
  return (bytes[offset] | bytes[offset + 1] << 8 | bytes[offset + 2] << 16 | bytes[offset + 3] << 24) >>> 0;
}

/** Whether the flags decide: b.cond and bc.cond. */
function isConditional(word: number): boolean {
  return word >>> 24 === 0x54;
}

function fits(word: number, { mask, value }: { mask: number; value: number }): boolean {
  return (word & mask) >>> 0 === value;
}

/** The top-level groups are bits 28 to 25 of the word (Arm ARM DDI 0487, C4.1). */
function take(word: number): Decoded | null {
  const group = word >>> 25 & 15;
  if (group === 10 || group === 11) {
    if (fits(word, { mask: 0xfffff01f, value: 0xd503201f })) {
      return HINTS.get(word >>> 5 & 0x7f) ?? { name: "hint", kind: "other", fate: "refused" };
    }
    return BRANCHES.find((row) => fits(word, row)) ?? (word >>> 24 === 0xd5 ? PLAIN : null);
  }
  const found = OTHERS.find((row) => fits(word, row));
  if (found) return found;
  const unallocated = group === 1 || group === 3 || group === 0 && word < 0x80000000;
  return unallocated ? null : PLAIN;
}

/** The text of an instruction that can be a site; the word in hexadecimal for the others. */
export function textOfArm64(bytes: Uint8Array, offset: number): string {
  const found = decodeArm64(bytes, offset);
  const word = wordAt(bytes, offset);
  const decoded = word === null ? null : take(word);
  if (!found || !decoded || word === null) return "(bad)";
  const { name, kind, fate } = decoded;
  if (found.target !== undefined) return branchText({ word, name, distance: found.target - offset });
  const register = word >>> 5 & 31;
  if (kind === "ret" && fate === "emulated") return register === 30 ? "ret" : `ret x${register}`;
  if ((name === "br" || name === "blr") && fate === "emulated") return `${name} ${registerText(register, 1)}`;
  if (name === "svc" || name === "brk") return `${name} #0x${(word >>> 5 & 0xffff).toString(16)}`;
  if (name === "udf") return `udf #${word & 0xffff}`;
  if (name === "adr" || name === "adrp") {
    const pages = (word >>> 3 & 0x1ffffc | word >>> 29 & 3) << 11 >> 11;
    return `${name} ${registerText(word & 31, 1)}, ${distanceText(pages * (name === "adrp" ? 4096 : 1))}`;
  }
  if (fits(word, { mask: 0xfffff01f, value: 0xd503201f }) && name !== "hint") return name;
  return frameText(word) ?? word.toString(16).padStart(8, "0");
}

function distanceText(distance: number): string {
  return distance < 0 ? `-0x${(-distance).toString(16)}` : `+0x${distance.toString(16)}`;
}

function registerText(number: number, wide: number): string {
  if (number === 31) return wide ? "xzr" : "wzr";
  return `${wide ? "x" : "w"}${number}`;
}

function branchText({ word, name, distance }: { word: number; name: string; distance: number }): string {
  const to = distanceText(distance);
  if (isConditional(word)) return `${name}${CONDITIONS[word & 15]} ${to}`;
  const register = registerText(word & 31, word >>> 31);
  if (name === "cbz" || name === "cbnz") return `${name} ${register}, ${to}`;
  if (name === "tbz" || name === "tbnz") {
    return `${name} ${register}, #${word >>> 26 & 32 | word >>> 19 & 31}, ${to}`;
  }
  return name === "cb." ? word.toString(16).padStart(8, "0") : `${name} ${to}`;
}

/** The two instructions that most functions make their frame with: `stp x29, x30, [sp, #-32]!` and `sub sp, sp, #0x20`. */
function frameText(word: number): string | null {
  if (fits(word, { mask: 0xffc003e0, value: 0xa98003e0 })) {
    const [first, second] = [word & 31, word >>> 10 & 31].map((number) => registerText(number, 1));
    return `stp ${first}, ${second}, [sp, #${(word << 10 >> 25) * 8}]!`;
  }
  if (fits(word, { mask: 0xffc003ff, value: 0xd10003ff })) {
    return `sub sp, sp, #0x${(word >>> 10 & 0xfff).toString(16)}`;
  }
  return null;
}
