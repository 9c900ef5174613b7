/** The server of `sb serve`. */
export { Log, type LogFacts, type LogRecord } from "./log.ts";
export { dropPrivileges, KEPT_CAPABILITIES } from "./privileges.ts";
export { DEFAULT_LIMITS, type Limits } from "./quota.ts";
export { defaultSocketPath } from "./listen.ts";
export { Server, type ServerOptions } from "./server.ts";
