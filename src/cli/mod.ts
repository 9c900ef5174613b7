/** The command line. Only what answers first: the rest is loaded when it is needed. */
export { type Rest, start } from "./start.ts";
