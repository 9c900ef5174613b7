/** Delays, schedules, probes and the backends that carry them out. */
export type * from "./model.ts";
