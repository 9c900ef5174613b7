/** What a decoded instruction is, on every machine. Types only. */

/** What an instruction does with the flow, and the kinds the kernel emulates under a breakpoint. */
export type InstructionKind =
  | "push"
  | "nop"
  | "endbr" /* a landing pad: endbr64, arm64's bti */
  | "call"
  | "call-indirect"
  | "jmp"
  | "jmp-indirect"
  | "jcc"
  | "loop"
  | "ret"
  | "trap" /* int3, ud2, hlt, brk, udf: nothing runs on after it */
  | "syscall"
  | "other";

/** A decoded instruction. */
export interface Instruction {
  lengthBytes: number;
  kind: InstructionKind;
  /** Offset that a direct branch or call goes to, in the same coordinates as the offset decoded at. */
  target?: number;
  /** The low nibble of a jcc or of arm64's b.cond; absent where registers decide (cbz, tbz). */
  condition?: number;
  /** Whether the kernel emulates it under a uprobe, sparing the single step. */
  emulated: boolean;
  /** Whether the kernel accepts a uprobe there, and then carries the instruction out as it should. */
  probeable: boolean;
}

/** The decoder of one machine. */
export interface Decoder {
  /** The instruction at an offset; null when it is invalid or not whole. */
  decode(bytes: Uint8Array, offset: number): Instruction | null;
  /** Its text, for people. */
  text(bytes: Uint8Array, offset: number): string;
}
