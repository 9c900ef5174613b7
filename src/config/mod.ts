/** Configuration files: TOML to a typed plan. */
export * from "./config.ts";
