/** A command and its probes: planned and opened once, run once or again and again. */
import {
  forwardSignals,
  openPrivateFiles,
  type PrivateFiles,
  rawArguments,
  readStartState,
  requireUser,
  type RunningCommand,
  type StandardStreams,
  startCommand,
} from "../command/mod.ts";
import {
  type Attachment,
  type AttachPaths,
  type BackendChoice,
  type BackendSession,
  chooseBackend,
  type Delay,
  formatDelay,
  openBackendSession,
  type ProbePlan,
  type RealBackend,
} from "../probe/mod.ts";
import { type Capability, prefetchKernelTypes, requireCapabilities } from "../sys/mod.ts";
import { requestOfRun } from "./asked.ts";
import { bystandersOf, chooseRunIsolation, filesOf, type IsolationChoice } from "./isolation.ts";
import type { RunAsked, RunOptions, RunRequest, RunResult, SessionRequest } from "./model.ts";
import { outcomeOf } from "./outcome.ts";
import { ProcessArmer } from "./per_process.ts";
import { type Plan, planProbes } from "./plan.ts";
import { lossNotes, reportBystanders, reportProbes } from "./report.ts";
import { processorNotes } from "./processor_note.ts";
import { HeldCommand, TRACE_ME } from "./stop_at_exec.ts";

/** What the backends need. */
export const NEEDED_CAPABILITIES: Readonly<Record<RealBackend, readonly Capability[]>> = {
  ebpf: ["CAP_BPF", "CAP_PERFMON"],
  kmod: ["CAP_SYS_ADMIN"],
};
/** How often floors are measured again: the host's speed changes under a long run (milliseconds). */
export const RECALIBRATION_MS = 10_000;

/** Plans a run; nothing is changed. @throws SbError */
export function planRun(request: RunRequest, backend: RealBackend): Plan & { choice: IsolationChoice } {
  const plan = planProbes(request.probes, { command: request.command, trampoline: request.trampoline });
  return { ...plan, choice: chooseRunIsolation(request.isolation, { files: filesOf(plan.probes), backend }) };
}

/** Sentences on what `auto` came to, and on what the backend cannot do here. */
export function choiceNotes(
  request: SessionRequest,
  { backend, isolation }: { backend: BackendChoice; isolation: IsolationChoice },
): string[] {
  const notes: string[] = [];
  if (backend.reason !== null && request.backend === "auto") {
    notes.push(`backend ${backend.backend}: ${backend.reason}`);
  }
  if (isolation.reason !== null && request.isolation === "auto") {
    notes.push(`isolation ${isolation.isolation}: ${isolation.reason}`);
  }
  return [...notes, ...processorNotes(backend.backend, request.probes.map(({ spec }) => spec))];
}

/** How one run goes. */
export interface ProbedRunOptions extends RunOptions {
  streams?: StandardStreams;
  /** Called when the command executes; what it returns is disposed of with the command's end. */
  watch?: (command: RunningCommand, session: BackendSession) => Disposable;
}

/** What {@linkcode ProbedCommand} is made of. */
interface Parts {
  request: RunRequest;
  probes: readonly ProbePlan[];
  /** Of planning and choosing. */
  notes: readonly string[];
  choice: IsolationChoice;
  session: BackendSession;
  privateFiles: PrivateFiles | undefined;
  /** Whose command it is; the caller's without one. */
  user: ReturnType<typeof requireUser> | undefined;
}

/** A command whose probes are ready. Disposing undoes everything. */
export class ProbedCommand implements AsyncDisposable {
  readonly parts: Readonly<Parts>;
  readonly #paths: AttachPaths;
  readonly #owned: AsyncDisposableStack;
  readonly #repeats: boolean;
  #probes: readonly ProbePlan[];
  #armer: ProcessArmer | undefined;
  /** Breakpoints that stay from run to run: nobody but the command has the file. */
  #attachment: Attachment | undefined;
  /** When the floors of the kind of hits were measured last: those of runs without a delay, and of others. */
  readonly #calibratedMs = { counted: performance.now(), delayed: performance.now() };
  #hits: "counted" | "delayed" = "delayed";

  private constructor(parts: Parts, { repeats, owned }: { repeats: boolean; owned: AsyncDisposableStack }) {
    this.parts = parts;
    this.#owned = owned;
    this.#repeats = repeats;
    this.#probes = parts.probes;
    this.#paths = new Map(parts.privateFiles?.files.map(({ path, copyPath }) => [path, copyPath]));
  }

  /**
   * Plans, and opens the backend's session and the private files.
   *
   * @param options.repeats whether there are several runs, each with a delay of its own: {@linkcode begin} before each
   * @throws SbError what run() throws
   */
  static async open(asked: RunAsked, { repeats }: { repeats: boolean }): Promise<ProbedCommand> {
    const request = requestOfRun(asked);
    const backend = chooseBackend(request.backend, request.probes);
    requireCapabilities(NEEDED_CAPABILITIES[backend.backend], { what: "attach probes" });
    const types = backend.backend === "ebpf" ? prefetchKernelTypes() : undefined;
    const { probes, notes, choice } = planRun(request, backend.backend);
    await types;
    const { isolation } = choice;
    const user = request.user === null ? undefined : requireUser(request.user);
    await using owned = new AsyncDisposableStack();
    const privateFiles = isolation === "private-file"
      ? owned.use(openPrivateFiles(filesOf(probes)))
      : undefined;
    const session = owned.use(openBackendSession(backend.backend, probes, {
      filter: isolation === "shared" || repeats,
      windowsStart: "exec",
      tellForks: isolation === "per-process",
      repeats,
    }));
    const allNotes = [...notes, ...choiceNotes(request, { backend, isolation: choice })];
    const parts = { request, probes, notes: allNotes, choice, session, privateFiles, user };
    const command = new ProbedCommand(parts, { repeats, owned: owned.move() });
    if (repeats && isolation === "private-file") await command.#attachOrUndo();
    return command;
  }

  /** Begins the next of several runs. @param delay of every probe */
  async begin(delay: Delay & { kind: "fixed" }): Promise<void> {
    await this.parts.session.begin(delay.ns);
    this.#probes = this.parts.probes.map((plan) => ({
      ...plan,
      spec: { ...plan.spec, delay, delayText: formatDelay(delay) },
    }));
    this.#hits = delay.ns > 0 ? "delayed" : "counted";
    if (performance.now() - this.#calibratedMs[this.#hits] >= RECALIBRATION_MS) this.#recalibrate();
  }

  #recalibrate(): void {
    this.parts.session.recalibrate();
    this.#calibratedMs[this.#hits] = performance.now();
  }

  /** Runs the command to its end. @throws SbError; then nothing runs */
  async run(options: ProbedRunOptions = {}): Promise<RunResult> {
    const { request, notes, choice: { isolation }, session, privateFiles, user } = this.parts;
    const probes = this.#probes;
    const bystanderProcesses = isolation === "shared" ? bystandersOf(filesOf(probes), []).length : 0;
    const entry = session.entryCall;
    const isHeld = entry === null || !session.armsForks;
    if (!isHeld) this.#attach();
    await using after = new AsyncDisposableStack();
    if (this.#repeats && isolation !== "private-file") after.defer(() => this.#letGo());
    using command = startCommand({
      command: request.fromOwnArguments ? rawArguments(request.command.length) : request.command,
      ...(user ? { user } : {}),
      ...(privateFiles ? { privateFiles } : {}),
      ...(options.streams ? { streams: options.streams } : {}),
      extraCalls: [...(entry ? [{ call: entry.call, args: entry.args }] : []), ...(isHeld ? [TRACE_ME] : [])],
      descriptors: entry?.descriptors ?? [],
    });
    using held = isHeld ? new HeldCommand(command) : undefined;
    if (entry === null) session.enterTree(() => [command.pid]);
    const armer = session.armsForks ? undefined : this.#openArmer();
    armer?.arm(command.pid);
    if (isHeld && !armer) session.attach(this.#paths);
    const startedNs = held?.release() ?? command.startedNs;
    options.onStart?.(command.pid);
    const end = await this.#waitForEnd(command, options);
    session.cancel();
    const source = { session, plans: probes, isolation, bystanderProcesses };
    const bystanders = reportBystanders(source);
    return {
      ...outcomeOf(end, { command: request.command, startedNs }),
      backend: session.backend,
      isolation,
      probes: reportProbes(source),
      ...(bystanders ? { bystanders } : {}),
      notes: [...notes, ...armer?.notes ?? [], ...lossNotes(source)],
    };
  }

  /** Nobody has the files yet, so that the breakpoints may be there before the first run. */
  async #attachOrUndo(): Promise<void> {
    try {
      this.#attach();
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  #attach(): void {
    this.#attachment ??= this.parts.session.attach(this.#paths);
  }

  #openArmer(): ProcessArmer {
    return this.#armer ??= this.#owned.use(
      new ProcessArmer(this.parts.session, { paths: this.#paths, first: [] }),
    );
  }

  /** Takes the breakpoints out between runs, where others would have them. */
  async #letGo(): Promise<void> {
    const attachment = this.#attachment;
    this.#attachment = undefined;
    await Promise.all([attachment?.detach(), this.#armer?.release()]);
  }

  /** Waits for the command, keeping the floors fresh. */
  async #waitForEnd(command: RunningCommand, { forwardsSignals, watch }: ProbedRunOptions) {
    const { session } = this.parts;
    using watching = new DisposableStack();
    if (forwardsSignals) {
      const ignored = readStartState().ignoredSignals;
      watching.use(forwardSignals(command, { onSecondInterrupt: () => session.cancel(), ignored }));
    }
    if (watch) watching.use(watch(command, session));
    const calibration = setInterval(() => this.#recalibrate(), RECALIBRATION_MS);
    watching.defer(() => clearInterval(calibration));
    return await command.wait();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}
