/**
 * sb: scoped delays of native functions on Linux, measured and undone.
 *
 * A session adds probes to programs that run; what it added ends with it, and with this process, however that ends.
 *
 * ```ts
 * import * as sb from "./mod.ts";
 *
 * await using session = await sb.open();
 * const [probe] = await session.add({ target: "libc.so.6:malloc", delay: "5us", pid: 1234 });
 * const { statistics } = await probe.remove();
 * ```
 *
 * Importing it opens, reads and asks for nothing. Every refusal is an {@linkcode SbError} with a stable code. Nothing prints;
 * nothing handles signals unless it is asked to. `docs/library.md` shows more.
 *
 * @module
 */

// Probes of programs that run: a session, or one probe.
export { open, plan, probe } from "./src/session/mod.ts";
export type {
  ChangeAsked,
  DelayAsked,
  EndReason,
  OpenOptions,
  PlaceAsked,
  Plan,
  Probe,
  ProbeAsked,
  ProbeSession,
  ScheduleAsked,
  ScopeAsked,
} from "./src/session/mod.ts";

// A command with probes from its exec to its end.
export { run } from "./src/session/mod.ts";
export type { RunAsked, RunOptions, RunResult, SessionResult } from "./src/session/mod.ts";

// Kernel operations of a process tree, or of a command: where the module tracer is loaded.
export { count, countCommand } from "./src/session/mod.ts";
export type {
  CommandCount,
  CommandCountAsked,
  CommandCountOptions,
  CountAsked,
  CountReport,
} from "./src/session/mod.ts";
export type {
  CountedProcess,
  CountFigures,
  CountReading,
  ProcessState,
  Rates,
  RatesOverTime,
  ReadOptions,
} from "./src/count/mod.ts";

// Which function matters: an experiment.
export { sweep } from "./src/sweep/load.ts";
export type {
  Better,
  CellFailure,
  CellRecord,
  Experiment,
  Gain,
  LevelSummary,
  Machine,
  Metric,
  MetricAskedFor,
  Progress,
  Stopped,
  SweepAsked,
  SweepHooks,
  SweepResult,
  TargetAskedFor,
  TargetResult,
} from "./src/sweep/mod.ts";
export type { Estimate, Shape } from "./src/stats/mod.ts";

// What can be a target, and what works on this machine.
export { symbols, type SymbolsOptions } from "./src/session/mod.ts";
export type { At, Site, SiteClass, SymbolRow, TargetFile } from "./src/symbols/mod.ts";
export { doctor } from "./src/doctor/mod.ts";
export type { BackendVerdict, DoctorCheck, DoctorReport, Verdict } from "./src/doctor/mod.ts";

// Errors.
export {
  asSbError,
  ERROR_TABLE,
  type ErrorCode,
  type ErrorRow,
  SbError,
  type SbErrorOptions,
} from "./src/core/mod.ts";

// Delays, schedules and figures.
export type {
  BackendName,
  BackendRequest,
  BystanderCost,
  Delay,
  Floor,
  HistogramBucket,
  How,
  Isolation,
  Late,
  ProbePlan,
  ProbeReport,
  ProbeSpec,
  ProbeStatistics,
  Schedule,
} from "./src/probe/mod.ts";
export { formatDelay, formatSpec, meanDelayNs, parseDelay, parseSpec } from "./src/probe/mod.ts";
export { formatTime, humanTime, parseTime, type TimeGrammar } from "./src/core/mod.ts";

// The JSON documents of the command line and the server (`docs/json.md`).
export { listedDocument, plannedDocument, probeDocument, statisticsDocument } from "./src/session/mod.ts";
export type { ListedProbe, ListedScope, PlannedProbe, ProbeState } from "./src/session/mod.ts";
export type { NamedProcess } from "./src/sys/mod.ts";

// What the command line and the server are made of beside that: no script needs it.
export * from "./src/control/mod.ts";
export {
  figuresDocument,
  openTracer,
  openTracerFile,
  operationsOf,
  processDocument,
  readingDocument,
  TRACER_PATH,
  type TracerDevice,
  tracerNotLoaded,
  tracerOf,
  TreeCount,
} from "./src/count/mod.ts";
export * from "./src/module/mod.ts";
export { examineMachine } from "./src/doctor/mod.ts";
export {
  type ApplyOptions,
  attach,
  type AttachOptions,
  type AttachRequest,
  type AttachResult,
  type CountRequest,
  countTree,
  dryAttach,
  type DryRun,
  dryRun,
  planProbes,
  requestOfProbe,
  type RunRequest,
  sessionOn,
  type SessionOnOptions,
  type SessionRequest,
  siteName,
  type TreeCountReport,
} from "./src/session/mod.ts";
export { listSymbols, OpenFiles, parseTarget, resolve } from "./src/symbols/mod.ts";
export {
  chooseBackend,
  greatestDelayNs,
  isScheduleKey,
  openPool,
  parseChange,
  parseSetting,
  type PoolScope,
  probeFeatures,
  type ProbePool,
  type ProbeRequest,
  type RealBackend,
  type ScheduleSettings,
  SpeedBumpFiles,
  splitSlow,
  standAside,
} from "./src/probe/mod.ts";
export { MAX_SCHEDULE_NS } from "./src/core/mod.ts";
