/** Probes that outlive their command, on every backend: the verbs and what they speak of. */
export type * from "./model.ts";
export * from "./verbs.ts";
