/** A command that is run again and again with the same probes, and how long functions take. Types only. */
import type { BackendName, Isolation, ProbePlan } from "../probe/mod.ts";
import type { RunResult } from "./model.ts";

/** Where a command's output goes: an open descriptor of this process, this process's own stream, or nowhere (`null`). */
export interface OutputOptions {
  stdout?: number | "inherit" | "null";
  stderr?: number | "inherit" | "null";
}

/** How one of the runs goes. */
export interface RepeatOptions extends Required<OutputOptions> {
  /** The delay of every probe, in place of the one that was asked for: whole nanoseconds, 0 to 10 s. */
  delayNs: number;
  /** Ends the command and its tree (SIGTERM, then SIGKILL after 2 s); the run is rejected with the signal's reason. */
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

/** How functions are timed. */
export interface TimeOptions extends OutputOptions {
  /**
   * The group of each probe that is asked for, in their order: functions of one group are timed together, so that calls of
   * one within another count once. By default each probe that is asked for is a group; a pattern's functions are one.
   */
  groups?: readonly string[];
  /** Ends the command and its tree; the call is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** How long the functions of a group took in a run, all their calls together. */
export interface FunctionTime {
  /** Name of the group, by default the target as it was asked for. */
  target: string;
  calls: number;
  /**
   * From entry to return, callees included, and waiting for anything but a processor; the breakpoints' own cost is taken off,
   * nested calls count once. A sum over threads, in nanoseconds. null when no function of the group can be timed, and when calls
   * are too short to be told from the cost of breakpoints.
   */
  inclusiveNs: number | null;
  /** Calls whose end was not seen: the program ended in them, or left them by longjmp(3) or an exception. */
  unfinished: number;
  /** Sentences for the reader: what the time leaves out, and why. */
  notes: readonly string[];
}
