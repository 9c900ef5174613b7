/** `sb run`: starts a command with probes in its process tree, waits for its end, undoes them and reports. */
import { SbError } from "../core/mod.ts";
import {
  forwardSignals,
  openPrivateFiles,
  rawArguments,
  readStartState,
  requireUser,
  type RunningCommand,
  startCommand,
} from "../command/mod.ts";
import { type AttachPaths, type BackendSession, openEbpfSession } from "../probe/mod.ts";
import { type Capability, prefetchKernelTypes, requireCapabilities, signalName } from "../sys/mod.ts";
import { bystandersOf, chooseRunIsolation, filesOf, type IsolationChoice } from "./isolation.ts";
import type { DryRun, RunRequest, RunResult } from "./model.ts";
import { ProcessArmer } from "./per_process.ts";
import { type Plan, planProbes } from "./plan.ts";
import { lossNotes, reportBystanders, reportProbes, type ReportSource } from "./report.ts";
import { releaseExec, TRACE_ME } from "./stop_at_exec.ts";

/** What a session's backend needs. */
export const NEEDED_CAPABILITIES: readonly Capability[] = ["CAP_BPF", "CAP_PERFMON"];
/** How often floors are measured again: the host's speed changes under a long run (milliseconds). */
export const RECALIBRATION_MS = 10_000;

function planRun(request: RunRequest): Plan & { choice: IsolationChoice } {
  if (request.command.length === 0) {
    throw new SbError("usage.option", "Cannot run nothing: no command was given", {
      hint: "Write the command behind --: sb run --slow TARGET=5us -- COMMAND",
    });
  }
  const plan = planProbes(request.probes, { command: request.command, trampoline: request.trampoline });
  return { ...plan, choice: chooseRunIsolation(request.isolation, filesOf(plan.probes)) };
}

/** What a run would apply; nothing is changed. @throws SbError */
export function dryRun(request: RunRequest): DryRun {
  const { probes, notes, choice } = planRun(request);
  return {
    command: request.command,
    pid: null,
    backend: "ebpf",
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
}

/**
 * Runs a command with probes from its exec to its end. Signals are forwarded as `cli.md` says; the second SIGINT
 * undoes the probes and the command goes on.
 *
 * @throws SbError before the command runs; nothing is left attached then
 */
export async function run(request: RunRequest, options: RunOptions = {}): Promise<RunResult> {
  requireCapabilities(NEEDED_CAPABILITIES, { what: "attach probes" });
  const types = prefetchKernelTypes();
  const { probes, notes, choice } = planRun(request);
  await types;
  const { isolation } = choice;
  const user = request.user === null ? undefined : requireUser(request.user);
  const files = filesOf(probes);
  const bystanderProcesses = isolation === "shared" ? bystandersOf(files, []).length : 0;
  using privateFiles = isolation === "private-file" ? openPrivateFiles(files) : undefined;
  const paths: AttachPaths = new Map(privateFiles?.files.map(({ path, copyPath }) => [path, copyPath]));
  await using session = openEbpfSession(probes, {
    filter: isolation === "shared",
    windowsStart: "exec",
    tellForks: isolation === "per-process",
  });
  if (isolation !== "per-process") session.attach(paths);
  const entry = session.entryCall;
  using command = startCommand({
    command: request.fromOwnArguments ? rawArguments(request.command.length) : request.command,
    ...(user ? { user } : {}),
    ...(privateFiles ? { privateFiles } : {}),
    extraCalls: [{ call: entry.call, args: entry.args }, ...(isolation === "per-process" ? [TRACE_ME] : [])],
    descriptors: entry.descriptors,
  });
  using armer = isolation === "per-process"
    ? new ProcessArmer(session, { paths, first: [command.pid] })
    : undefined;
  if (armer) releaseExec(command.pid);
  options.onStart?.(command.pid);
  const end = await waitForEnd(command, session);
  session.cancel();
  const source: ReportSource = { session, plans: probes, isolation, bystanderProcesses };
  const bystanders = reportBystanders(source);
  if (choice.reason !== null && request.isolation === "auto") {
    notes.push(`isolation ${isolation}: ${choice.reason}`);
  }
  return {
    command: request.command,
    exit: end.exitCode,
    signal: end.signal === null ? null : signalName(end.signal),
    backend: session.backend,
    isolation,
    wallNs: Number(end.endedNs - command.startedNs),
    userNs: end.userNs,
    sysNs: end.sysNs,
    maxRssBytes: end.maxRssBytes,
    probes: reportProbes(source),
    ...(bystanders ? { bystanders } : {}),
    notes: [...notes, ...armer?.notes ?? [], ...lossNotes(source)],
  };
}

/** Waits for the command, forwarding signals and keeping the floors fresh. */
async function waitForEnd(command: RunningCommand, session: BackendSession) {
  using _signals = forwardSignals(command, {
    onSecondInterrupt: () => session.cancel(),
    ignored: readStartState().ignoredSignals,
  });
  const calibration = setInterval(() => session.recalibrate(), RECALIBRATION_MS);
  try {
    return await command.wait();
  } finally {
    clearInterval(calibration);
  }
}
