/** Delays, schedules, probes and the backends that carry them out. */
export type * from "./model.ts";
export * from "./schedule.ts";
export * from "./spec.ts";
