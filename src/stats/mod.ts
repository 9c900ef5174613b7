/** Pure mathematics: distributions, fits, comparisons. Imports nothing. */
export * from "./summary.ts";
export * from "./normal.ts";
export * from "./student.ts";
export * from "./random.ts";
export * from "./blocks.ts";
export * from "./polygon.ts";
export * from "./slope.ts";
export * from "./differences.ts";
export * from "./bend.ts";
export * from "./response.ts";
