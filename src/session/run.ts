/** `sb run`: starts a command with probes in its process tree, waits for its end, undoes them and reports. */
import {
  forwardSignals,
  openPrivateFiles,
  rawArguments,
  readStartState,
  requireUser,
  type RunningCommand,
  startCommand,
} from "../command/mod.ts";
import {
  type AttachPaths,
  type BackendChoice,
  type BackendSession,
  chooseBackend,
  openBackendSession,
  type RealBackend,
} from "../probe/mod.ts";
import { type Capability, prefetchKernelTypes, requireCapabilities, signalName } from "../sys/mod.ts";
import { bystandersOf, chooseRunIsolation, filesOf, type IsolationChoice } from "./isolation.ts";
import { requestOfRun } from "./asked.ts";
import type { DryRun, RunAsked, RunRequest, RunResult, SessionRequest } from "./model.ts";
import { ProcessArmer } from "./per_process.ts";
import { type Plan, planProbes } from "./plan.ts";
import { lossNotes, reportBystanders, reportProbes, type ReportSource } from "./report.ts";
import { HeldCommand, TRACE_ME } from "./stop_at_exec.ts";

/** What the backends need. */
export const NEEDED_CAPABILITIES: Readonly<Record<RealBackend, readonly Capability[]>> = {
  ebpf: ["CAP_BPF", "CAP_PERFMON"],
  kmod: ["CAP_SYS_ADMIN"],
};
/** How often floors are measured again: the host's speed changes under a long run (milliseconds). */
export const RECALIBRATION_MS = 10_000;

function planRun(request: RunRequest, backend: RealBackend): Plan & { choice: IsolationChoice } {
  const plan = planProbes(request.probes, { command: request.command, trampoline: request.trampoline });
  return { ...plan, choice: chooseRunIsolation(request.isolation, { files: filesOf(plan.probes), backend }) };
}

/** What a run would apply; nothing is changed. @throws SbError */
export function dryRun(asked: RunAsked): DryRun {
  const request = requestOfRun(asked);
  const { backend } = chooseBackend(request.backend, request.probes);
  const { probes, notes, choice } = planRun(request, backend);
  return {
    command: request.command,
    pid: null,
    backend,
    isolation: choice.isolation,
    isolationReason: choice.reason,
    probes: probes.map((probe) => ({ ...probe, floor: null })),
    notes,
  };
}

/** Hooks of the caller. */
export interface RunOptions {
  /** The command executes, with its probes live. */
  onStart?: (pid: number) => void;
  /**
   * Whether signals to this process are the command's, as for a program that only runs it: SIGTERM and SIGHUP are forwarded,
   * SIGINT and SIGQUIT ignored (a terminal sends them to both), a second SIGINT undoes the probes and the command goes on.
   * Without it no signal is handled.
   */
  forwardsSignals?: boolean;
}

/**
 * Runs a command with probes from its exec to its end, in its process tree; it has this process's standard streams,
 * working directory, and the environment that this process was started with.
 *
 * @throws SbError before the command runs; nothing is left attached then: `usage.*`, `file.*`, `probe.*`,
 *   `permission.capability`, `isolation.unavailable`, `command.*`, `user.not_found`, `kernel.refused`
 */
export async function run(asked: RunAsked, options: RunOptions = {}): Promise<RunResult> {
  const request = requestOfRun(asked);
  const backend = chooseBackend(request.backend, request.probes);
  requireCapabilities(NEEDED_CAPABILITIES[backend.backend], { what: "attach probes" });
  const types = backend.backend === "ebpf" ? prefetchKernelTypes() : undefined;
  const { probes, notes, choice } = planRun(request, backend.backend);
  await types;
  const { isolation } = choice;
  const user = request.user === null ? undefined : requireUser(request.user);
  const files = filesOf(probes);
  const bystanderProcesses = isolation === "shared" ? bystandersOf(files, []).length : 0;
  using privateFiles = isolation === "private-file" ? openPrivateFiles(files) : undefined;
  const paths: AttachPaths = new Map(privateFiles?.files.map(({ path, copyPath }) => [path, copyPath]));
  await using session = openBackendSession(backend.backend, probes, {
    filter: isolation === "shared",
    windowsStart: "exec",
    tellForks: isolation === "per-process",
  });
  const entry = session.entryCall;
  const isHeld = entry === null || !session.armsForks;
  if (!isHeld) session.attach(paths);
  using command = startCommand({
    command: request.fromOwnArguments ? rawArguments(request.command.length) : request.command,
    ...(user ? { user } : {}),
    ...(privateFiles ? { privateFiles } : {}),
    extraCalls: [...(entry ? [{ call: entry.call, args: entry.args }] : []), ...(isHeld ? [TRACE_ME] : [])],
    descriptors: entry?.descriptors ?? [],
  });
  using held = isHeld ? new HeldCommand(command) : undefined;
  if (entry === null) session.enterTree(() => [command.pid]);
  using armer = session.armsForks ? undefined : new ProcessArmer(session, { paths, first: [command.pid] });
  if (isHeld && !armer) session.attach(paths);
  const startedNs = held?.release() ?? command.startedNs;
  options.onStart?.(command.pid);
  const end = await waitForEnd(command, { session, forwardsSignals: options.forwardsSignals === true });
  session.cancel();
  const source: ReportSource = { session, plans: probes, isolation, bystanderProcesses };
  const bystanders = reportBystanders(source);
  notes.push(...choiceNotes(request, { backend, isolation: choice }));
  return {
    command: request.command,
    exit: end.exitCode,
    signal: end.signal === null ? null : signalName(end.signal),
    backend: session.backend,
    isolation,
    wallNs: Number(end.endedNs - startedNs),
    userNs: end.userNs,
    sysNs: end.sysNs,
    maxRssBytes: end.maxRssBytes,
    probes: reportProbes(source),
    ...(bystanders ? { bystanders } : {}),
    notes: [...notes, ...armer?.notes ?? [], ...lossNotes(source)],
  };
}

/** Sentences on what `auto` came to. */
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
  return notes;
}

/** Waits for the command, keeping the floors fresh. */
async function waitForEnd(
  command: RunningCommand,
  { session, forwardsSignals }: { session: BackendSession; forwardsSignals: boolean },
) {
  using signals = new DisposableStack();
  if (forwardsSignals) {
    const ignored = readStartState().ignoredSignals;
    signals.use(forwardSignals(command, { onSecondInterrupt: () => session.cancel(), ignored }));
  }
  const calibration = setInterval(() => session.recalibrate(), RECALIBRATION_MS);
  try {
    return await command.wait();
  } finally {
    clearInterval(calibration);
  }
}
