/**
 * What the kernel's uprobes do with x86-64 instructions: arch/x86/kernel/uprobes.c of Linux 5.10 to 6.18, function by
 * function as named below. `emulated` may still depend on the kernel for long nops, see there.
 */
import type { InstructionKind } from "./model.ts";

/** An instruction as the kernel's decision sees it. */
export interface X86Shape {
  kind: InstructionKind;
  /** 0 one-byte, 1 to 3 the 0F maps; 10 is added for VEX, EVEX and XOP (maps 8 to 10). */
  map: number;
  opcode: number;
  rex: number;
  /** How many legacy prefixes stand before it. */
  prefixes: number;
  operand16: boolean;
  /** The register field of ModRM. */
  register: number;
}

/** A byte that is_prefix_bad() refuses: es, cs, ss, ds (also `notrack`, and the padding of long nops) and lock. */
export function isRefusedPrefix(byte: number): boolean {
  return byte === 0x26 || byte === 0x2e || byte === 0x36 || byte === 0x3e || byte === 0xf0;
}

/**
 * What good_insns_64 lacks. It is asked about the opcode byte behind a VEX or EVEX prefix, too (`vpxor` is 0xef); of the
 * 0F map it has all.
 */
const REFUSED_OPCODES: ReadonlySet<number> = new Set([
  ...[0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f], // not instructions of 64-bit code
  ...[0x60, 0x61, 0x62, 0x82, 0x9a, 0xd4, 0xd5, 0xd6, 0xea],
  ...[0x6c, 0x6d, 0x6e, 0x6f, 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef], // in, out
  ...[0xcc, 0xcd, 0xce, 0xcf, 0xf1, 0xf4, 0xfa, 0xfb], // int3, int, into, iret, int1, hlt, cli, sti
]);

/**
 * Whether branch_setup_xol_ops() takes the opcode behind a VEX or EVEX prefix for a branch or nop: it looks at the
 * byte without the prefix, so that `vpor` would run as a jump and `vzeroupper` as nothing. The kernel accepts a probe
 * there and the program goes wrong, so sb refuses it.
 */
function isMistakenVector(opcode: number): boolean {
  return opcode >= 0x70 && opcode <= 0x7f || opcode === 0xe8 || opcode === 0xe9 || opcode === 0xeb ||
    opcode === 0x90;
}

/**
 * What becomes of an instruction with a breakpoint on it. Emulated: branch_setup_xol_ops() has direct branches and
 * calls without a 66 prefix, nops (those longer than `66 90` since 6.18), push_setup_xol_ops() pushes of a register
 * with no prefix but REX.B.
 *
 * Refused besides what uprobe_init_insn() refuses: `syscall` and `sysenter`, which it takes but which would run, and a
 * new thread begin, in the page for single steps; and `xchg %r8,%rax`, which older kernels take for a nop.
 */
export function fateOfX86(shape: X86Shape): "emulated" | "stepped" | "refused" {
  const { kind, map, opcode, rex, operand16 } = shape;
  // AMD's XOP: the kernel takes it for a pop, and would step one with an address relative to RIP in the wrong place.
  if (map >= 18) return "refused";
  if (map >= 10) return REFUSED_OPCODES.has(opcode) || isMistakenVector(opcode) ? "refused" : "stepped";
  if (kind === "syscall" || map === 0 && REFUSED_OPCODES.has(opcode)) return "refused";
  if (map === 0 && opcode === 0x90 && rex & 1) return "refused";
  // insn_masking_exception(): mov to %ss holds back the trap that ends the single step.
  if (map === 0 && opcode === 0x8e && shape.register === 2) return "refused";
  if (kind === "nop") return "emulated";
  if (kind === "push") return shape.prefixes === 0 && (rex === 0 || rex === 0x41) ? "emulated" : "stepped";
  if (kind === "call" || kind === "jmp" || kind === "jcc") return operand16 ? "refused" : "emulated";
  return "stepped";
}
