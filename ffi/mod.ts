/** Every native call of sb, behind safe functions: nothing else may open a library or touch a pointer. */
export * from "./errno.ts";
export * from "./fd.ts";
export * from "./hot_loop.ts";
export { findLibrary } from "./load.ts";
export * from "./mmap.ts";
export * from "./struct.ts";
export * from "./syscall.ts";
export * from "./bpf.ts";
export * from "./perf_event.ts";
export * from "./ring_buffer.ts";
export * from "./elf.ts";
export * from "./elf_layout.ts";
export * from "./launcher.ts";
export * from "./user.ts";
export * from "./demangle.ts";
export * from "./dwarf.ts";
export * from "./lzma.ts";
export * from "./loaded.ts";
