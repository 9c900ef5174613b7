/** The runs of a sweep's command: one set of probes a target, opened once, and what each run measured. */
import { SbError } from "../core/mod.ts";
import type { RepeatedCommand, RunAsked, RunResult } from "../session/mod.ts";
import { CapturedOutput } from "./captured.ts";
import { readsOutput } from "./metric.ts";
import type { Experiment, SweepTarget } from "./model.ts";
import { type ProbedFile, probedFiles } from "./probed_files.ts";
import { readRun } from "./reading.ts";
import type { Measured } from "./runner.ts";

/** How much of the command's stderr is shown of a cell that failed. */
const ERRORS_BYTES = 4096;
const ERRORS_LINES = 10;

/** How the command is run. */
export interface CommandRunsOptions {
  /** The command's output goes to this process's stdout and stderr. */
  showsOutput: boolean;
  /** The command is the tail of this process's own arguments. */
  fromOwnArguments: boolean;
}

/** What a session is asked for to slow targets: each run has a delay of its own. */
export function runAsked(
  { command, backend }: Pick<Experiment, "command" | "backend">,
  { targets, fromOwnArguments }: { targets: readonly SweepTarget[]; fromOwnArguments: boolean },
): RunAsked {
  return {
    command,
    backend,
    fromOwnArguments,
    probes: targets.flatMap((target) => target.targets.map((place) => ({ target: place, delayNs: 0 }))),
  };
}

/** A command with its probes, target by target. Disposing undoes them. */
export class CommandRuns implements AsyncDisposable {
  readonly #experiment: Experiment;
  readonly #options: CommandRunsOptions;
  readonly #undo: AsyncDisposableStack;
  readonly #commands: ReadonlyMap<string, RepeatedCommand>;
  readonly #output: CapturedOutput | null;
  readonly #errors: CapturedOutput | null;

  private constructor(
    { experiment, options, commands, output, errors, undo }: {
      experiment: Experiment;
      options: CommandRunsOptions;
      commands: ReadonlyMap<string, RepeatedCommand>;
      output: CapturedOutput | null;
      errors: CapturedOutput | null;
      undo: AsyncDisposableStack;
    },
  ) {
    this.#experiment = experiment;
    this.#options = options;
    this.#commands = commands;
    this.#output = output;
    this.#errors = errors;
    this.#undo = undo;
  }

  /** Resolves every target and makes its probes. @param open `openRepeated()` @throws SbError; nothing is left then */
  static async open(
    experiment: Experiment,
    options: CommandRunsOptions & { open: (asked: RunAsked) => Promise<RepeatedCommand> },
  ): Promise<CommandRuns> {
    await using undo = new AsyncDisposableStack();
    const output = readsOutput(experiment.metric) ? undo.use(new CapturedOutput()) : null;
    const errors = options.showsOutput ? null : undo.use(new CapturedOutput());
    const commands = new Map<string, RepeatedCommand>();
    for (const target of experiment.targets) {
      const asked = runAsked(experiment, { targets: [target], fromOwnArguments: options.fromOwnArguments });
      commands.set(target.name, undo.use(await options.open(asked)));
    }
    return new CommandRuns({ experiment, options, commands, output, errors, undo: undo.move() });
  }

  /** Of all targets: the backend's name. */
  get backend(): string {
    return [...new Set([...this.#commands.values()].map(({ backend }) => backend))].join(", ");
  }

  /** Target → how other processes are kept free of the trap. */
  get isolation(): Record<string, string> {
    return this.#ofEach(({ isolation }) => isolation);
  }

  /** Target → its functions, `FILE:SYMBOL`. */
  get functions(): Record<string, string[]> {
    return this.#ofEach(({ probes }) => probes.map(({ target }) => target));
  }

  /** The files that they are in. */
  get files(): ProbedFile[] {
    return probedFiles([...this.#commands.values()].flatMap(({ probes }) => probes));
  }

  /** Sentences for the reader, each once. */
  get notes(): string[] {
    return [...new Set([...this.#commands.values()].flatMap(({ notes }) => notes))];
  }

  #ofEach<T>(of: (command: RepeatedCommand) => T): Record<string, T> {
    return Object.fromEntries([...this.#commands].map(([name, command]) => [name, of(command)]));
  }

  /**
   * Runs the command once, a target slowed.
   *
   * @throws what `signal` aborted with, or SbError where `sb` or the start of the command failed
   */
  async run(
    { target, delayNs }: { target: string; delayNs: number },
    signal: AbortSignal,
  ): Promise<Measured> {
    const command = this.#commands.get(target);
    if (!command) throw new SbError("internal", `there is no target "${target}"`);
    this.#output?.clear();
    this.#errors?.clear();
    const whole = this.#options.showsOutput ? "inherit" : "null";
    const run = await command.run({
      delayNs,
      stdout: this.#output?.fd ?? whole,
      stderr: this.#errors?.fd ?? whole,
      signal,
    });
    if (this.#options.showsOutput) this.#passOn();
    const figures = sum(run);
    const failure = run.exit === 0
      ? null
      : run.signal === null
      ? `exit ${run.exit}`
      : `ended by ${run.signal}`;
    const reading = failure === null
      ? await readRun(this.#experiment.metric, {
        run,
        spentNs: figures.addedNs + figures.overheadNs,
        output: this.#output,
        signal,
      })
      : { result: null, failure };
    return {
      exit: run.exit,
      result: reading.result,
      wallNs: run.wallNs,
      userNs: run.userNs,
      sysNs: run.sysNs,
      ...figures,
      failure: reading.result === null ? reading.failure : null,
      errors: reading.result === null ? this.#lastErrors() : "",
    };
  }

  #passOn(): void {
    try {
      for (let piece of this.#output?.pieces() ?? []) {
        while (piece.length > 0) piece = piece.subarray(Deno.stdout.writeSync(piece));
      }
    } catch (error) {
      // Whoever read it wants no more; the sweep has its answer all the same.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }

  #lastErrors(): string {
    const text = this.#errors?.readEnd(ERRORS_BYTES).trimEnd() ?? "";
    return text.split("\n").slice(-ERRORS_LINES).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#undo.disposeAsync();
  }
}

/** The figures of all probes of a run together. */
function sum(
  { probes }: Pick<RunResult, "probes">,
): Pick<Measured, "hits" | "delayed" | "addedNs" | "overheadNs" | "floorNs" | "misses"> {
  const total = (of: "hits" | "delayed" | "addedNs" | "overheadNs" | "misses") =>
    probes.reduce((all, { statistics }) => all + statistics[of], 0);
  return {
    hits: total("hits"),
    delayed: total("delayed"),
    addedNs: total("addedNs"),
    overheadNs: total("overheadNs"),
    floorNs: Math.max(0, ...probes.map(({ floor }) => floor.ns)),
    misses: total("misses"),
  };
}
