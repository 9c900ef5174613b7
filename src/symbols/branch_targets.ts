/**
 * What far branches of a text go to, found without decoding it: every place that could be a branch with a 32-bit
 * displacement is taken for one. Being wrong marks a random address, so a false mark in a text of 2 MB is rare, and
 * data among the code cannot hide a branch. Short branches reach 128 bytes and are found by decoding (`site_entry.ts`).
 */
import type { TargetFile } from "./model.ts";

/** A byte per byte of the text, 1 where a branch goes. */
export function branchTargets(bytes: Uint8Array, machine: TargetFile["machine"]): Uint8Array {
  const marks = new Uint8Array(bytes.length);
  if (machine === "x86_64") markX86(bytes, marks);
  else markArm64(bytes, marks);
  return marks;
}

function markX86(bytes: Uint8Array, marks: Uint8Array): void {
  for (let at = 0; at + 5 <= bytes.length; at++) {
    const byte = bytes[at];
    let end: number;
    if (byte === 0xe8 || byte === 0xe9) end = at + 5; // call, jmp
    else if (byte === 0x0f && (bytes[at + 1] & 0xf0) === 0x80) end = at + 6; // jcc
    else continue;
    if (end > bytes.length) break;
    const target = end +
      (bytes[end - 4] | bytes[end - 3] << 8 | bytes[end - 2] << 16 | bytes[end - 1] << 24);
    if (target >= 0 && target < marks.length) marks[target] = 1;
  }
}

function markArm64(bytes: Uint8Array, marks: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const word = view.getInt32(at, true);
    let target: number;
    if ((word & 0x7c000000) === 0x14000000) target = at + (word << 6 >> 4); // b, bl
    else if ((word & 0xfe000000) === 0x54000000) target = at + (word << 8 >> 13 << 2); // b.cond
    else if ((word & 0x7e000000) === 0x34000000) target = at + (word << 8 >> 13 << 2); // cbz, cbnz
    else if ((word & 0x7e000000) === 0x36000000) target = at + (word << 13 >> 18 << 2); // tbz, tbnz
    else continue;
    if (target >= 0 && target < marks.length) marks[target] = 1;
  }
}
