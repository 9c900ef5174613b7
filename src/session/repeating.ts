/** A command that is run again and again with the same probes. Types only. */
import type { BackendName, Isolation, ProbePlan } from "../probe/mod.ts";
import type { RunResult } from "./model.ts";

/** How one of the runs goes. */
export interface RepeatOptions {
  /** The delay of every probe, in place of the one that was asked for: whole nanoseconds, 0 to 10 s. */
  delayNs: number;
  /** Where the command's output goes: an open descriptor of this process, or to the void (`null`). */
  stdout: number | "inherit" | "null";
  stderr: number | "inherit" | "null";
  /** Ends the command (SIGTERM, then SIGKILL after 2 s); the run is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Plans, programs and private files are made once and kept; a run changes delays and starts the command. Disposing undoes
 * everything. Between runs no breakpoint stands in a process that is not the command's.
 */
export interface RepeatedCommand extends AsyncDisposable {
  readonly probes: readonly ProbePlan[];
  readonly backend: BackendName;
  readonly isolation: Isolation;
  /** Sentences for the reader. */
  readonly notes: readonly string[];
  /** Runs the command once, its standard input empty. Figures are this run's alone. One run at a time. @throws SbError */
  run(options: RepeatOptions): Promise<RunResult>;
}

/** How long a function took in a run, all its calls together. */
export interface FunctionTime {
  /** Name of the target that it was asked for with. */
  target: string;
  calls: number;
  /** From entry to return, callees and waiting included, the breakpoints' own cost taken off; nested calls count once. Nanoseconds. */
  inclusiveNs: number;
  /** Calls whose return was not seen: the program ended in them, or left them by longjmp(3) or an exception. */
  unfinished: number;
}
