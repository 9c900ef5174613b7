/** Debug information: separate files, packed symbol tables, source lines. */
export * from "./files.ts";
export * from "./lines.ts";
export * from "./sections.ts";
