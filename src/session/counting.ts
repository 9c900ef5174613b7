/** Counts of kernel operations: of a command from its exec to its end, and of a tree that runs already. */
import { monotonicNs } from "../../ffi/mod.ts";
import {
  type CommandEnd,
  forwardSignals,
  rawArguments,
  readStartState,
  requireUser,
  type RunningCommand,
  startCommand,
} from "../command/mod.ts";
import { SbError } from "../core/mod.ts";
import { type CountReading, openTracer, ratesBetween, type RatesOverTime, TreeCount } from "../count/mod.ts";
import { readProcessName, requireProcess } from "../sys/mod.ts";
import type { CommandOutcome } from "./model.ts";
import { moments, type WatchEnd } from "./moments.ts";
import { outcomeOf } from "./outcome.ts";
import { HeldCommand, TRACE_ME } from "./stop_at_exec.ts";

/** What `count()` asks for. */
export interface CountAsked {
  /** The root of a tree: a process, not a thread of one, and not this process. */
  pid: number;
}

/** What `countCommand()` asks for. */
export interface CommandCountAsked {
  /** The program and its arguments: at least one word. It is looked up as a shell does. */
  command: readonly string[];
  /** Whose command it is, by name; null is the caller's. */
  user?: string | null;
  /** The command is the tail of this process's own arguments: they are passed on byte by byte, text or not. */
  fromOwnArguments?: boolean;
}

/** What every report of a count has. */
export interface CountReport {
  reading: CountReading;
  /** Since the report before, or since the count began. */
  rates: RatesOverTime;
  /** Since the count began, in nanoseconds. */
  wallNs: number;
}

/** What a command caused. */
export interface CommandCount extends CountReport, CommandOutcome {}

/** How the count of a running tree goes, at an interval or at its end. */
export interface TreeCountReport extends CountReport {
  pid: number;
  /** The name of the root process when the count began. */
  comm: string;
  /** Why it ended; null while it goes on. */
  ended: WatchEnd | null;
}

/** What `sb count --pid` asks for. */
export interface CountRequest extends CountAsked {
  /** End after this long; null is with the tree, or when the caller says so. In nanoseconds. */
  forNs: number | null;
  /** Report this often; null is at the end only. In nanoseconds. */
  intervalNs: number | null;
}

/**
 * Counts the kernel operations of a process and its descendants from now on, those that end meanwhile included. Disposing
 * ends it; the end of this process does so, too.
 *
 * @throws SbError `usage.scope`, `module.not_loaded`, `module.abi`, `process.*`, `permission.process`, `scope.too_many`
 */
export async function count({ pid }: CountAsked): Promise<TreeCount> {
  if (pid === Deno.pid) {
    throw new SbError("usage.scope", `Cannot count process ${pid}: it is this process itself`, {
      hint: "Name another process",
    });
  }
  using undo = new DisposableStack();
  const opened = undo.use(new TreeCount(openTracer()));
  requireProcess(pid);
  await opened.add(pid);
  undo.move();
  return opened;
}

/** Hooks of the caller. */
export interface CommandCountOptions {
  /** The command executes, and is counted. */
  onStart?: (pid: number) => void;
  /** As that of `run()`; the second SIGINT ends the count. */
  forwardsSignals?: boolean;
}

/**
 * Runs a command and counts what it and its descendants cause, from its exec to its end: nothing of this process is in the
 * figures. It has this process's standard streams, working directory, and the environment that this process was started with.
 *
 * @throws SbError before the command runs: `module.*`, `permission.process`, `command.*`, `user.not_found`, `kernel.refused`
 */
export async function countCommand(
  asked: CommandCountAsked,
  options: CommandCountOptions = {},
): Promise<CommandCount> {
  const user = asked.user ? requireUser(asked.user) : undefined;
  using counted = new TreeCount(openTracer());
  using command = startCommand({
    command: asked.fromOwnArguments ? rawArguments(asked.command.length) : asked.command,
    ...(user ? { user } : {}),
    extraCalls: [TRACE_ME],
  });
  using held = new HeldCommand(command);
  await counted.add(command.pid);
  const startedNs = held.release();
  options.onStart?.(command.pid);
  const { end, reading } = await waitForEnd(command, { counted, options });
  const outcome = outcomeOf(end, { command: asked.command, startedNs });
  const rates = ratesBetween(reading, { before: null, intervalNs: outcome.wallNs });
  return { ...outcome, reading, rates };
}

/** Waits for the command. @returns its end, and the figures then, or when the count was ended before */
async function waitForEnd(
  command: RunningCommand,
  { counted, options }: { counted: TreeCount; options: CommandCountOptions },
): Promise<{ end: CommandEnd; reading: CountReading }> {
  let stopped: CountReading | undefined;
  using signals = new DisposableStack();
  if (options.forwardsSignals) {
    signals.use(forwardSignals(command, {
      onSecondInterrupt: () => {
        stopped = counted.read();
        counted[Symbol.dispose]();
      },
      ignored: readStartState().ignoredSignals,
    }));
  }
  const end = await command.wait();
  return { end, reading: stopped ?? counted.read() };
}

/**
 * Counts a tree that runs, and yields a report at each interval and one at the end.
 *
 * @throws SbError as {@linkcode count}
 */
export async function* countTree(
  request: CountRequest,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<TreeCountReport, void> {
  const { pid } = request;
  await using counted = await count(request);
  const startedNs = monotonicNs();
  const comm = readProcessName(pid);
  let before: CountReading | null = null;
  let beforeNs = startedNs;
  const watched = { ...request, ...options, startedNs, isOver: () => counted.live === 0 };
  for await (const ended of moments(watched)) {
    const nowNs = monotonicNs();
    const reading = counted.read();
    // The last report is of the whole.
    const since = ended === null ? { before, fromNs: beforeNs } : { before: null, fromNs: startedNs };
    const rates = ratesBetween(reading, { before: since.before, intervalNs: Number(nowNs - since.fromNs) });
    yield { pid, comm, ended, wallNs: Number(nowNs - startedNs), reading, rates };
    before = reading;
    beforeNs = nowNs;
  }
}
