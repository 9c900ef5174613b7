/** Errors, units and names: pure, imports nothing. */
export * from "./byte_text.ts";
export * from "./errors.ts";
export * from "./error_table.ts";
export * from "./nearest.ts";
export * from "./paint.ts";
export * from "./units.ts";
