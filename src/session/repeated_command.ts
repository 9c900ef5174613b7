/** `openRepeated()`: a command that is run again and again with the same probes. */
import { openFd, OpenFlags, type OwnedFd } from "../../ffi/mod.ts";
import type { RunningCommand, StandardStreams } from "../command/mod.ts";
import type { BackendName, Isolation, ProbePlan } from "../probe/mod.ts";
import { fixedDelay, requestOfPlace } from "./asked.ts";
import { type Ending, endTree } from "./end_tree.ts";
import type { RunAsked, RunResult } from "./model.ts";
import { ProbedCommand } from "./probed_command.ts";
import type { OutputOptions, RepeatedCommand, RepeatOptions } from "./repeating.ts";

/** Whether something of the kind is asked for decides what is opened; each run says its own. */
const ANY_DELAY_NS = 1000;

/**
 * Plans a command's probes and makes all that its runs need, which then cost little more than the command itself.
 *
 * @param asked the delays are of no account: each run has its own, for all probes
 * @throws SbError what run() throws before the command runs
 */
export async function openRepeated(asked: RunAsked): Promise<RepeatedCommand> {
  const probes = (asked.probes ?? []).map(({ delay: _delay, delayNs: _delayNs, ...place }) => {
    if (place.spec === undefined) return { ...place, delayNs: ANY_DELAY_NS };
    // What the specification names beside the delay stays.
    const { spec } = requestOfPlace(place);
    return { ...place, spec: { ...spec, delay: { kind: "fixed", ns: ANY_DELAY_NS } as const } };
  });
  await using owned = new AsyncDisposableStack();
  const command = owned.use(await ProbedCommand.open({ ...asked, probes }, { repeats: true }));
  const nothing = owned.use(openFd("/dev/null", OpenFlags.rdwr));
  return new Repeated(command, { nothing, owned: owned.move() });
}

/** The streams of a command whose input is empty. @param nothing /dev/null */
export function streamsOf({ stdout, stderr }: Required<OutputOptions>, nothing: OwnedFd): StandardStreams {
  const descriptor = (output: number | "inherit" | "null") =>
    output === "inherit" ? undefined : output === "null" ? nothing.fd : output;
  const [out, error] = [descriptor(stdout), descriptor(stderr)];
  return {
    stdin: nothing.fd,
    ...(out === undefined ? {} : { stdout: out }),
    ...(error === undefined ? {} : { stderr: error }),
  };
}

/**
 * Runs a command, and ends its whole tree when the signal is aborted.
 *
 * @param run runs it; calls `watch` when the command executes, and disposes of what that returns when it has ended
 * @throws the signal's reason
 */
export async function runUntilAborted<T>(
  signal: AbortSignal | undefined,
  run: (watch: (command: RunningCommand, session: Ending) => Disposable) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let ending: Promise<void> | undefined;
  try {
    const result = await run((command, session) => {
      const abort = () => ending = endTree(command, session);
      // It may have been aborted while the command was started, and such a signal says so to nobody.
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort, { once: true });
      return { [Symbol.dispose]: () => signal?.removeEventListener("abort", abort) };
    });
    signal?.throwIfAborted();
    return result;
  } finally {
    await ending;
  }
}

class Repeated implements RepeatedCommand {
  readonly #command: ProbedCommand;
  readonly #nothing: OwnedFd;
  readonly #owned: AsyncDisposableStack;
  #isRunning = false;

  constructor(
    command: ProbedCommand,
    { nothing, owned }: { nothing: OwnedFd; owned: AsyncDisposableStack },
  ) {
    this.#command = command;
    this.#nothing = nothing;
    this.#owned = owned;
  }

  get probes(): readonly ProbePlan[] {
    return this.#command.parts.probes;
  }

  get backend(): BackendName {
    return this.#command.parts.session.backend;
  }

  get isolation(): Isolation {
    return this.#command.parts.choice.isolation;
  }

  get notes(): readonly string[] {
    return this.#command.parts.notes;
  }

  async run({ delayNs, stdout, stderr, signal }: RepeatOptions): Promise<RunResult> {
    if (this.#isRunning) throw new Error("a run of this command is under way");
    this.#isRunning = true;
    try {
      signal?.throwIfAborted();
      await this.#command.begin(fixedDelay(delayNs));
      const streams = streamsOf({ stdout, stderr }, this.#nothing);
      return await runUntilAborted(signal, (watch) => this.#command.run({ streams, watch }));
    } finally {
      this.#isRunning = false;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}
