/** What works on this machine, what does not, and how to mend it. */
export * from "./examine.ts";
export type * from "./model.ts";
