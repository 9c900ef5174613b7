/** The process that reads files with the rights of a peer, and what is said between it and the server. */
export * from "./messages.ts";
export { serveFiles } from "./serve.ts";
