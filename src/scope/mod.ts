/** Which processes a probe applies to. */
export * from "./seed.ts";
