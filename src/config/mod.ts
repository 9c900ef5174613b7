/** Configuration files: TOML to a typed plan. */
export * from "./config.ts";
export { type Keys, type Kind, type TableHints, TomlReader } from "./reader.ts";
export { keyPath } from "./lines.ts";
