/** What a decoded instruction is, on every machine. Types only. */

/** What an instruction does with the flow, and the kinds the kernel emulates under a breakpoint. */
export type InstructionKind =
  | "push"
  | "nop"
  | "endbr"
  | "call"
  | "call-indirect"
  | "jmp"
  | "jmp-indirect"
  | "jcc"
  | "loop"
  | "ret"
  | "trap" /* int3, ud2, hlt: nothing runs on after it */
  | "syscall"
  | "other";

/** A decoded instruction. */
export interface Instruction {
  lengthBytes: number;
  kind: InstructionKind;
  /** Offset that a direct branch or call goes to, in the same coordinates as the offset decoded at. */
  target?: number;
  /** x86: the low nibble of a jcc. */
  condition?: number;
  /** Whether the kernel emulates it under a uprobe, sparing the single step. */
  emulated: boolean;
  /** Whether the kernel accepts a uprobe there. */
  probeable: boolean;
}
