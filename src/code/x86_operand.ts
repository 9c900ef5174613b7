/** The ModRM operand of an x86-64 instruction, for telling a switch from a tail call. */

/** What an instruction of the one-byte map, or the 0F map, addresses. */
export interface X86Operand {
  /** The opcode byte; those of the 0F map have 0x100 added. */
  opcode: number;
  /** The register field: an operand, or part of the opcode. */
  register: number;
  /** The register that is the other operand, for register-direct forms. */
  direct?: number;
  base?: number;
  index?: number;
  displacement: number;
  /** The displacement counts from the end of the instruction. */
  ripRelative: boolean;
  /** The prefix that exempts an indirect branch from landing on endbr64 (Intel SDM vol. 1, 17.4.2). */
  notrack: boolean;
}

/**
 * Reads the operand; null where the instruction has no ModRM byte in these maps, or is VEX-encoded. Of an instruction
 * with its register in the opcode, that is `direct` and `register`.
 */
export function operandOfX86(bytes: Uint8Array, offset: number): X86Operand | null {
  let at = offset;
  let notrack = false;
  for (;; at++) {
    const byte = bytes[at];
    if (byte === 0x3e) notrack = true;
    else if (
      byte !== 0x66 && byte !== 0xf2 && byte !== 0xf3 && byte !== 0x2e && byte !== 0x64 && byte !== 0x65
    ) break;
  }
  const rex = (bytes[at] & 0xf0) === 0x40 ? bytes[at++] : 0;
  let opcode = bytes[at++];
  if (
    opcode >= 0x58 && opcode <= 0x5f || opcode >= 0x91 && opcode <= 0x97 || opcode >= 0xb8 && opcode <= 0xbf
  ) {
    const register = opcode & 7 | (rex & 1) << 3; // pop, xchg with %rax, mov of an immediate
    return { opcode, register, direct: register, displacement: 0, ripRelative: false, notrack };
  }
  if (opcode === 0x0f) opcode = 0x100 | bytes[at++];
  else if (!hasOperand(opcode)) return null;
  const modrm = bytes[at++];
  if (modrm === undefined) return null;
  const mode = modrm >> 6;
  const low = modrm & 7;
  const found: X86Operand = {
    opcode,
    register: modrm >> 3 & 7 | (rex & 4) << 1,
    displacement: 0,
    ripRelative: false,
    notrack,
  };
  if (mode === 3) return { ...found, direct: low | (rex & 1) << 3 };
  let noBase = false;
  if (low === 4) {
    const sib = bytes[at++];
    const index = sib >> 3 & 7 | (rex & 2) << 2;
    if (index !== 4) found.index = index;
    noBase = mode === 0 && (sib & 7) === 5;
    if (!noBase) found.base = sib & 7 | (rex & 1) << 3;
  } else if (mode === 0 && low === 5) found.ripRelative = true;
  else found.base = low | (rex & 1) << 3;
  if (mode === 1) found.displacement = bytes[at] << 24 >> 24;
  else if (mode === 2 || noBase || found.ripRelative) {
    found.displacement = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
  }
  return found;
}

/** Opcodes of the one-byte map with a ModRM byte, of those that can write a 64-bit register. */
function hasOperand(opcode: number): boolean {
  return opcode < 0x40 && (opcode & 7) < 4 || opcode === 0x63 || opcode >= 0x80 && opcode <= 0x8f ||
    opcode === 0xc1 || opcode === 0xc7 || opcode >= 0xd1 && opcode <= 0xd3 || opcode === 0xf7 ||
    opcode === 0xff || opcode === 0x69 || opcode === 0x6b;
}
