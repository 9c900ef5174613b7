/** Pure mathematics: distributions. Imports nothing. */
export * from "./normal.ts";
