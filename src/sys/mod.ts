/** The kernel as files and calls. */
export * from "./btf.ts";
