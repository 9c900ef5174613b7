/** A whole sweep: what is prepared, the cells, and what they say. */
import { formatTime, SbError } from "../core/mod.ts";
import { type FunctionTime, openRepeated, timeFunctions } from "../session/mod.ts";
import { analyseCells } from "./analyse.ts";
import { CellTimes } from "./cell_times.ts";
import { CommandRuns, type CommandRunsOptions, runAsked } from "./command_runs.ts";
import { countDone, countPlanned, type DelaysOf, delaysOfRecords } from "./design.ts";
import { areTimesOpen, middleTimes } from "./function_times.ts";
import { hashExperiment } from "./hash.ts";
import { type Existing, JournalFile } from "./journal_file.ts";
import { readMachine, readProcessorWaitNs } from "./machine.ts";
import type { CellRecord, Experiment } from "./model.ts";
import { delaysOf, warmUp } from "./preparing.ts";
import { requireSameFiles } from "./probed_files.ts";
import type { Analysis, Stopped, SweepResult } from "./result.ts";
import { readResultFile, resultPaths, writeResultFile } from "./result_files.ts";
import { type CellFailure, mostBlocks, type Progress, runCells } from "./runner.ts";
import { processorWarnings } from "./warnings.ts";

/** How a sweep goes. */
export interface SweepOptions extends CommandRunsOptions {
  /** Path that the results' names begin with: `NAME.cells.ndjson`, `NAME.sweep.json`; null keeps all in memory. */
  results: string | null;
  /** What to do where there are results of that name. */
  existing: Existing;
  /** Whether the functions' own time is measured, which the extrapolation to a faster function takes. */
  gain: boolean;
  /** The command line that repeats the sweep. */
  commandLine: readonly string[];
  /** Of sb. */
  version: string;
  /** Ends it: the cell that runs is given up, what was measured is analysed. */
  signal?: AbortSignal;
  onCell?: (record: CellRecord) => void;
  onFailure?: (failure: CellFailure) => void;
  onProgress?: (progress: Progress) => void;
  /** What is done before the first cell, as a short sentence. */
  onStage?: (stage: string) => void;
}

/** A sweep that ended. */
export interface Swept {
  result: SweepResult;
  records: CellRecord[];
}

/**
 * Carries an experiment out.
 *
 * @throws SbError `sweep.exists`, `sweep.journal`, `sweep.command`, `sweep.empty`, `output.unwritable`, and what planning and
 *   starting a command throw
 */
export async function runSweep(experiment: Experiment, options: SweepOptions): Promise<Swept> {
  const { results, existing } = options;
  const hash = await hashExperiment(experiment);
  const paths = results === null ? null : resultPaths(results);
  using journal = paths && new JournalFile(paths.cells, { experiment: hash, existing });
  const before = paths && existing === "resume" ? readEarlier(paths.result, hash) : null;
  await using runs = await CommandRuns.open(experiment, { ...options, open: openRepeated });
  if (paths && before) requireSameFiles(before.files, runs.files, { journal: paths.cells });
  const sweep = new Sweep(experiment, { options, hash, runs, journal, before });
  return await sweep.run();
}

/** What an earlier part of the same sweep left; null where there is none. */
function readEarlier(path: string, hash: string): SweepResult | null {
  const before = readResultFile(path);
  return before?.hash === hash ? before : null;
}

/** What a sweep is made of. */
interface Parts {
  options: SweepOptions;
  hash: string;
  runs: CommandRuns;
  journal: JournalFile | null;
  /** What an earlier part of the same sweep left. */
  before: SweepResult | null;
}

class Sweep {
  readonly #experiment: Experiment;
  readonly #parts: Parts;
  readonly #signal: AbortSignal;
  readonly #machine = readMachine();
  readonly #waitNs = readProcessorWaitNs();
  readonly #started: string;
  readonly #startedNs = performance.now() * 1e6;
  readonly #times = new CellTimes();
  readonly #notes: string[] = [];
  /** null until they are chosen. */
  #delaysNs: DelaysOf | null;
  #functionNs: Readonly<Record<string, number | null>>;

  constructor(experiment: Experiment, parts: Parts) {
    this.#experiment = experiment;
    this.#parts = parts;
    this.#signal = parts.options.signal ?? new AbortController().signal;
    this.#started = parts.before?.started ?? new Date().toISOString();
    this.#delaysNs = experiment.delaysNs === "auto"
      ? parts.before?.delaysNs ?? delaysOfRecords(parts.journal?.records ?? [])
      : delaysOf(experiment, new Map());
    this.#functionNs = parts.before?.functionNs ??
      Object.fromEntries(experiment.targets.map(({ name }) => [name, null]));
  }

  async run(): Promise<Swept> {
    const { journal, options } = this.#parts;
    const done = journal?.records ?? [];
    let ended: { stopped: Stopped; records: CellRecord[] };
    try {
      if (!this.#isDone(done)) await this.#prepare();
      ended = await this.#runCells(done);
    } catch (thrown) {
      if (!this.#signal.aborted) throw thrown;
      ended = { stopped: "interrupted", records: [...done] };
    }
    const { stopped, records } = ended;
    if (records.length === 0) throw nothingRan(stopped);
    const analysis = analyseCells(this.#experiment, records, { functionNs: this.#functionNs });
    const result = this.#result(analysis, { stopped, records });
    if (options.results !== null) this.#write(result);
    return { result, records };
  }

  #isDone(done: readonly CellRecord[]): boolean {
    const blocks = mostBlocks(this.#experiment);
    const delaysNs = this.#delaysNs;
    return delaysNs !== null && countDone(done, delaysNs, blocks) === countPlanned(delaysNs, blocks);
  }

  /** Those that are known; without any, what every target has. */
  get #knownDelaysNs(): DelaysOf {
    return this.#delaysNs ?? delaysOf(this.#experiment, new Map());
  }

  async #prepare(): Promise<void> {
    const { runs, options } = this.#parts;
    const pilots = await warmUp(this.#experiment, {
      run: (cell, signal) => {
        if (!this.#fits(cell.target, { runs: 1 })) throw nothingRan("budget");
        return runs.run(cell, signal);
      },
      onWarmup: ({ target, done, planned }) =>
        options.onStage?.(`warming up ${target}: run ${done + 1} of ${planned}`),
    }, { times: this.#times, signal: this.#signal });
    this.#delaysNs ??= delaysOf(this.#experiment, pilots);
    const untimed = this.#experiment.targets.filter(({ name }) =>
      pilots.get(name)?.hits !== 0 && this.#functionNs[name] === null
    );
    if (options.gain && this.#experiment.metric.kind !== "cpu" && untimed.length > 0) {
      options.onStage?.("timing the functions");
      this.#functionNs = { ...this.#functionNs, ...await this.#timeFunctions(untimed) };
    }
  }

  /** Whether runs without a delay will probably end in time: before the first cell nothing else is started, either. */
  #fits(target: string, { runs }: { runs: number }): boolean {
    const spentNs = performance.now() * 1e6 - this.#startedNs;
    return spentNs + runs * this.#times.expect({ target, delayNs: 0 }) <=
      (this.#experiment.budgetNs ?? Infinity);
  }

  /** @returns target → its time; what cannot be timed has none, and a note says why */
  async #timeFunctions(targets: Experiment["targets"]): Promise<Record<string, number | null>> {
    const { fromOwnArguments } = this.#parts.options;
    const timings: FunctionTime[][] = [];
    try {
      // A run for all, and at the most one more for each.
      while (areTimesOpen(timings) && this.#fits(targets[0].name, { runs: 1 + targets.length })) {
        timings.push(
          await timeFunctions(runAsked(this.#experiment, { targets, fromOwnArguments }), {
            groups: targets.flatMap((target) => target.targets.map(() => target.name)),
            stdout: "null",
            stderr: "null",
            signal: this.#signal,
          }),
        );
      }
    } catch (error) {
      if (this.#signal.aborted || !(error instanceof SbError) || !isUntimed(error)) throw error;
      this.#notes.push(`gains are not known: ${error.message}`);
      return {};
    }
    if (timings.length === 0) {
      this.#notes.push("gains are not known: the budget has no room for timing the functions");
    }
    const { functionNs, notes } = middleTimes(timings);
    this.#notes.push(...notes);
    return functionNs;
  }

  async #runCells(done: readonly CellRecord[]): Promise<{ stopped: Stopped; records: CellRecord[] }> {
    const { runs, journal, hash, options } = this.#parts;
    let hasBegun = false;
    return await runCells({
      experiment: this.#experiment,
      hash,
      delaysNs: this.#knownDelaysNs,
      done,
      times: this.#times,
      startedNs: this.#startedNs,
    }, {
      run: (cell, signal) => runs.run(cell, signal),
      keep: (record) => {
        if (!hasBegun) this.#begin();
        hasBegun = true;
        journal?.append(record);
        options.onCell?.(record);
      },
      ...(options.onFailure ? { onFailure: options.onFailure } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    }, this.#signal);
  }

  /** What a crash must not lose beside the cells: the delays that were chosen, and what the functions take. */
  #begin(): void {
    const { journal, before } = this.#parts;
    journal?.claim();
    if (before) return;
    this.#write(this.#result(analyseCells(this.#experiment, []), { stopped: "interrupted", records: [] }));
  }

  #write(result: SweepResult): void {
    const { results, version } = this.#parts.options;
    if (results !== null) writeResultFile(resultPaths(results).result, result, { version });
  }

  #result(
    analysis: Analysis,
    { stopped, records }: { stopped: Stopped; records: readonly CellRecord[] },
  ): SweepResult {
    const { options, hash, runs } = this.#parts;
    return {
      ...analysis,
      name: options.results?.replace(/^.*\//, "") ?? "sweep",
      experiment: this.#experiment,
      hash,
      delaysNs: this.#knownDelaysNs,
      functions: runs.functions,
      files: runs.files,
      functionNs: this.#functionNs,
      backend: runs.backend,
      isolation: runs.isolation,
      machine: { ...this.#machine, load: [this.#machine.load[0], Deno.loadavg()[0]] },
      started: this.#started,
      ended: new Date().toISOString(),
      stopped,
      cells: {
        planned: countPlanned(this.#knownDelaysNs, mostBlocks(this.#experiment)),
        done: records.length,
        failed: records.filter(({ result }) => result === null).length,
      },
      commands: { sweep: options.commandLine, cells: cellCommands(this.#experiment, this.#knownDelaysNs) },
      warnings: [...analysis.warnings, ...this.#processorWarnings(), ...runs.notes, ...this.#notes],
    };
  }

  #processorWarnings(): string[] {
    const nowNs = readProcessorWaitNs();
    const waitedNs = nowNs === null || this.#waitNs === null ? null : nowNs - this.#waitNs;
    return processorWarnings(waitedNs, performance.now() * 1e6 - this.#startedNs);
  }
}

/** For each target the command line that runs its longest delay by hand. */
function cellCommands(
  { targets, command }: Experiment,
  delaysNs: DelaysOf,
): Record<string, string[]> {
  return Object.fromEntries(targets.map((target) => {
    const delay = formatTime(delaysNs[target.name].at(-1) ?? 0);
    const slow = target.targets.flatMap((place) => ["--slow", `${place}=${delay}`]);
    return [target.name, ["sb", "run", ...slow, "--", ...command]];
  }));
}

/** Whether it only says that this backend, or this function, cannot be timed. */
function isUntimed({ code }: SbError): boolean {
  return code === "backend.unavailable" || code.startsWith("probe.");
}

function nothingRan(stopped: Stopped): SbError {
  return stopped === "budget"
    ? new SbError("sweep.empty", "Cannot analyse the sweep: its budget is over before the first cell", {
      hint: "Give a greater --budget",
    })
    : new SbError("sweep.empty", "Cannot analyse the sweep: it was interrupted before the first cell ended");
}
