/** Names of functions: mangled, demangled, with and without parameters, of copies. */
export * from "./clone_suffix.ts";
export * from "./demangle.ts";
export * from "./match.ts";
export * from "./parameters.ts";
