/** x86-64 instructions: their length, flow, and what the kernel's uprobes do with them. */
import type { Instruction, InstructionKind } from "./model.ts";
import { fateOfX86, isRefusedPrefix } from "./x86_uprobes.ts";
import { ONE_BYTE, Shape, TWO_BYTE } from "./x86_tables.ts";

const MAX_LENGTH_BYTES = 15; // Intel SDM vol. 2, 2.3.11
const REGISTERS = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];
const CONDITIONS = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];

/**
 * Decodes the instruction at `offset`; null when it is invalid or not whole.
 */
export function decodeX86(bytes: Uint8Array, offset: number): Instruction | null {
  let at = offset;
  let operand16 = false;
  let address32 = false;
  let badPrefix = false;
  let repeat = false;
  let rex = 0;
  for (;; at++) {
    const byte = bytes[at];
    if (byte === 0x66) operand16 = true;
    else if (byte === 0x67) address32 = true;
    else if (byte === 0xf3) repeat = true;
    else if (isRefusedPrefix(byte)) badPrefix = true;
    else if (byte !== 0xf2 && byte !== 0x64 && byte !== 0x65) break;
  }
  const prefixes = at - offset;
  if ((bytes[at] & 0xf0) === 0x40) rex = bytes[at++];
  let map = 0;
  let opcode = bytes[at++];
  if (opcode === 0xc5 || opcode === 0xc4 || opcode === 0x62) {
    if (opcode === 0xc5) map = 1;
    else map = bytes[at] & (opcode === 0xc4 ? 0x1f : 7);
    at += opcode === 0xc5 ? 1 : opcode === 0xc4 ? 2 : 3;
    opcode = bytes[at++];
    if (map === 0 || map > 6 || map === 4) return null;
    map += 10;
  } else if (opcode === 0x8f && (bytes[at] & 0x1f) >= 8) {
    // AMD's XOP, told from pop by its map (AMD64 APM vol. 6, 1.5).
    map = (bytes[at] & 0x1f) + 10;
    at += 2;
    opcode = bytes[at++];
    if (map > 20) return null;
  } else if (opcode === 0x0f) {
    map = 1;
    opcode = bytes[at++];
    if (opcode === 0x38 || opcode === 0x3a) {
      map = opcode === 0x38 ? 2 : 3;
      opcode = bytes[at++];
    }
  }
  if (opcode === undefined) return null;
  let shape: number;
  if (map === 0) shape = ONE_BYTE[opcode];
  else if (map === 1) shape = TWO_BYTE[opcode];
  else if (map === 11) shape = TWO_BYTE[opcode] & (Shape.imm8 | Shape.modrm) | (opcode === 0x77 ? 0 : 1);
  else if (map === 20) shape = Shape.modrm | Shape.immz;
  else shape = map === 3 || map === 13 || map === 18 ? Shape.modrm | Shape.imm8 : Shape.modrm;
  if (shape & Shape.invalid) return null;

  let modrm = 0;
  if (shape & Shape.modrm) {
    modrm = bytes[at++];
    if (map === 1 && opcode >= 0x20 && opcode <= 0x23) modrm |= 0xc0;
    const mode = modrm >> 6;
    if (mode !== 3) {
      const rm = modrm & 7;
      if (rm === 4 && (bytes[at++] & 7) === 5 && mode === 0) at += 4;
      if (mode === 1) at += 1;
      else if (mode === 2 || (mode === 0 && rm === 5)) at += 4;
    }
    if (map === 0 && (opcode === 0xf6 || opcode === 0xf7) && (modrm & 0x30) === 0) {
      shape |= opcode === 0xf6 ? Shape.imm8 : Shape.immz;
    }
  }
  if (shape & Shape.imm8) at += 1;
  if (shape & Shape.imm16) at += 2;
  if (shape & Shape.immz) at += operand16 && !(rex & 8) ? 2 : 4;
  if (shape & Shape.immv) at += rex & 8 ? 8 : operand16 ? 2 : 4;
  if (shape & Shape.moffs) at += address32 ? 4 : 8;
  if (shape & Shape.rel32) at += 4;
  if (at > bytes.length || at - offset > MAX_LENGTH_BYTES) return null;

  const kind = kindOf(map, opcode, { modrm, repeat, rex });
  const fate = badPrefix
    ? "refused"
    : fateOfX86({ kind, map, opcode, rex, prefixes, operand16, register: modrm >> 3 & 7 });
  const found: Instruction = {
    lengthBytes: at - offset,
    kind,
    emulated: fate === "emulated",
    probeable: fate !== "refused",
  };
  if (shape & Shape.rel32) {
    found.target = at + (bytes[at - 4] | bytes[at - 3] << 8 | bytes[at - 2] << 16 | bytes[at - 1] << 24);
  } else if (kind === "jmp" || kind === "jcc" || kind === "loop") {
    found.target = at + (bytes[at - 1] << 24 >> 24);
  }
  if (kind === "jcc") found.condition = opcode & 15;
  return found;
}

function kindOf(
  map: number,
  opcode: number,
  with_: { modrm: number; repeat: boolean; rex: number },
): InstructionKind {
  const { modrm, repeat, rex } = with_;
  if (map === 0) {
    if (opcode >= 0x50 && opcode <= 0x57) return "push";
    if (opcode >= 0x70 && opcode <= 0x7f) return "jcc";
    if (opcode === 0x90 && !repeat && !(rex & 1)) return "nop";
    if (opcode === 0xe8) return "call";
    if (opcode === 0xe9 || opcode === 0xeb) return "jmp";
    if (opcode >= 0xe0 && opcode <= 0xe3) return "loop";
    if (opcode === 0xc2 || opcode === 0xc3 || opcode === 0xca || opcode === 0xcb || opcode === 0xcf) {
      return "ret";
    }
    if (opcode === 0xcc || opcode === 0xf1 || opcode === 0xf4) return "trap";
    if (opcode === 0xcd) return "syscall";
    if (opcode === 0xff) {
      const reg = modrm >> 3 & 7;
      if (reg === 2 || reg === 3) return "call-indirect";
      if (reg === 4 || reg === 5) return "jmp-indirect";
    }
  } else if (map === 1) {
    if (opcode >= 0x80 && opcode <= 0x8f) return "jcc";
    if (opcode === 0x1e && repeat && (modrm === 0xfa || modrm === 0xfb)) return "endbr";
    if (opcode === 0x1f && (modrm & 0x38) === 0) return "nop";
    if (opcode === 0x0b || opcode === 0xff || opcode === 0xb9) return "trap";
    if (opcode === 0x05 || opcode === 0x34) return "syscall";
  }
  return "other";
}

/** The text of an instruction that can be a site, in AT&T syntax; hexadecimal bytes for the others. */
export function textOfX86(bytes: Uint8Array, offset: number): string {
  const found = decodeX86(bytes, offset);
  if (!found) return "(bad)";
  const { kind, lengthBytes, target } = found;
  const to = target === undefined
    ? ""
    : target >= offset
    ? `+0x${(target - offset).toString(16)}`
    : `-0x${(offset - target).toString(16)}`;
  if (kind === "push") {
    const number = bytes[offset + lengthBytes - 1] & 7;
    return lengthBytes > 1 && bytes[offset] & 1 ? `push %r${8 + number}` : `push %r${REGISTERS[number]}`;
  }
  if (kind === "nop") return `nop${lengthBytes}`;
  if (kind === "endbr") return "endbr64";
  if (kind === "call" || kind === "jmp") return `${kind} ${to}`;
  if (kind === "jcc") return `j${CONDITIONS[found.condition as number]} ${to}`;
  if (kind === "ret") return "ret";
  return Array.from(
    bytes.subarray(offset, offset + lengthBytes),
    (byte) => byte.toString(16).padStart(2, "0"),
  )
    .join(" ");
}
