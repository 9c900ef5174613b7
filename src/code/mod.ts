/** Instruction decoding: lengths, branches, and what the kernel emulates under a breakpoint. */
export type * from "./model.ts";
export * from "./arm64.ts";
export * from "./decoder.ts";
export * from "./x86.ts";
export * from "./x86_operand.ts";
