/** What one owner applied, and its undoing. */
export type * from "./model.ts";
