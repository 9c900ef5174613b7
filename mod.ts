/**
 * sb: scoped delays of native functions on Linux, measured and undone.
 *
 * @module
 */
export * from "./src/core/mod.ts";
export * from "./src/symbols/mod.ts";
export * from "./src/probe/mod.ts";
export * from "./src/config/mod.ts";
export * from "./src/module/mod.ts";
export * from "./src/session/mod.ts";
export * from "./src/control/mod.ts";
export * from "./src/doctor/mod.ts";
export type { NamedProcess } from "./src/sys/mod.ts";
