/** From a target as the user writes it to the instruction that carries the breakpoint. */
export type * from "./model.ts";
