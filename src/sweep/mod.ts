/** Sweeps: which function matters, by how much. Loaded when one is asked for: its mathematics need a package. */
export { analyseAgain } from "./again.ts";
export {
  type MetricAskedFor,
  type SweepAsked,
  sweepAsked,
  type SweepHooks,
  type TargetAskedFor,
} from "./asked.ts";
export * from "./experiment.ts";
export type { Existing } from "./journal_file.ts";
export { type MetricAsked, readMetric } from "./metric.ts";
export type * from "./model.ts";
export * from "./report/mod.ts";
export { checkResults, requireFolder, resultPaths, writeWhole } from "./result_files.ts";
export type * from "./result.ts";
export type { CellFailure, Progress } from "./runner.ts";
export { runSweep, type SweepOptions, type Swept } from "./sweep.ts";
export { designSweep, type SweepDesign } from "./sweep_design.ts";
