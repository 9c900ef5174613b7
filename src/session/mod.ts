/** What one owner applied, and its undoing: runs and attachments. */
export type * from "./model.ts";
export type * from "./probing.ts";
export { attach, type AttachOptions, dryAttach } from "./attach.ts";
export * from "./counting.ts";
export { changeOf, requestOfPlace, requestOfProbe } from "./asked.ts";
export * from "./document.ts";
export { checkProperties, checkWord, type Properties } from "./properties.ts";
export { open, plan, probe, sessionOn, type SessionOnOptions } from "./open.ts";
export { type Plan, type PlanOptions, planProbes } from "./plan.ts";
export { openRepeated } from "./repeated_command.ts";
export type * from "./repeating.ts";
export { dryRun, run } from "./run.ts";
export { timeFunctions } from "./time_functions.ts";
export { symbols, type SymbolsOptions } from "./symbols.ts";
