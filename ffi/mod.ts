/** Every native call of sb, behind safe functions: nothing else may open a library or touch a pointer. */
export * from "./errno.ts";
export * from "./fd.ts";
export * from "./mmap.ts";
export * from "./struct.ts";
export * from "./syscall.ts";
