/** `timeFunctions()`: how long functions take in a run of a command. */
import { openFd, OpenFlags } from "../../ffi/mod.ts";
import { openPrivateFiles, rawArguments, requireUser, startCommand } from "../command/mod.ts";
import { humanTime, SbError } from "../core/mod.ts";
import { type AttachPaths, chooseBackend, type GroupTimes, TimingSession } from "../probe/mod.ts";
import { prefetchKernelTypes, requireCapabilities } from "../sys/mod.ts";
import { requestOfRun } from "./asked.ts";
import { chooseRunIsolation } from "./isolation.ts";
import type { RunAsked, RunRequest } from "./model.ts";
import { NEEDED_CAPABILITIES, RECALIBRATION_MS } from "./probed_command.ts";
import { runUntilAborted, streamsOf } from "./repeated_command.ts";
import type { FunctionTime, TimeOptions } from "./repeating.ts";
import { planTiming, type TimingPlan } from "./timing_plan.ts";

/** Where so many times what is left was taken off for breakpoints, a tenth that it may be wrong by is a quarter of the time. */
const MOST_TAKEN_OFF = 2.5;
/** A share of a group's time: where breakpoints within its calls cost more, it is timed again by itself. */
const MOST_NESTED = 0.05;

/** A run that times functions, its request checked. */
interface TimedRun {
  request: RunRequest;
  options: TimeOptions;
}

/**
 * Runs a command, its standard input empty, and tells for each group of functions how long its calls took. Breakpoints at the
 * entry and at every way out cost some microseconds a call; what they cost is measured and taken off. All groups are timed in
 * one run; those in whose calls the breakpoints of others cost too much, are timed again, each in a run of its own.
 *
 * @param asked delays and schedules are of no account
 * @throws SbError what run() throws before the command runs; `backend.unavailable` with the kernel module
 */
export async function timeFunctions(asked: RunAsked, options: TimeOptions = {}): Promise<FunctionTime[]> {
  const request = requestOfRun({
    ...asked,
    probes: asked.probes.map(({ target, at }) => ({ target, delayNs: 0, ...(at ? { at } : {}) })),
  });
  if (chooseBackend(request.backend, request.probes).backend !== "ebpf") {
    throw new SbError(
      "backend.unavailable",
      "Cannot time functions with the kernel module: it has no program for that",
      { hint: "Use --backend=ebpf" },
    );
  }
  requireCapabilities(NEEDED_CAPABILITIES.ebpf, { what: "time functions" });
  await prefetchKernelTypes();
  const { groups = asked.probes.map(({ target }) => target) } = options;
  const plan = planTiming(request, groups);
  const run = { request, options };
  const together = await timePlan(plan, run);
  const times: FunctionTime[] = [];
  for (const [group, seen] of together.entries()) {
    const isDisturbed = seen.nestedNs > MOST_NESTED * Math.max(0, seen.inclusiveNs);
    const again = isDisturbed && plan.groups.length > 1
      ? (await timePlan(groupAlone(plan, group), run))[0]
      : seen;
    times.push(functionTime(again, { plan, group }));
  }
  return times;
}

function groupAlone({ functions, groups }: TimingPlan, group: number): TimingPlan {
  return {
    functions: functions.filter((timed) => timed.group === group).map((timed) => ({ ...timed, group: 0 })),
    groups: [groups[group]],
  };
}

/** Runs the command once. */
async function timePlan(plan: TimingPlan, { request, options }: TimedRun): Promise<GroupTimes[]> {
  const { signal, stdout = "null", stderr = "null" } = options;
  const files = [...new Map(plan.functions.map(({ file }) => [file.path, file])).values()];
  const { isolation } = chooseRunIsolation(request.isolation, { files, backend: "ebpf" });
  if (isolation === "per-process") {
    throw new SbError(
      "isolation.unavailable",
      "Cannot time functions per process: calls that began before a process was armed have no beginning",
      { hint: "Use --isolation=auto" },
    );
  }
  const user = request.user === null ? undefined : requireUser(request.user);
  using nothing = openFd("/dev/null", OpenFlags.rdwr);
  using privateFiles = isolation === "private-file" ? openPrivateFiles(files) : undefined;
  const paths: AttachPaths = new Map(privateFiles?.files.map(({ path, copyPath }) => [path, copyPath]));
  await using session = new TimingSession(plan.functions, {
    groups: plan.groups.length,
    filter: isolation === "shared",
  });
  session.attach(paths);
  const { call, args, descriptors } = session.entryCall;
  await runUntilAborted(signal, async (watch) => {
    using command = startCommand({
      command: request.fromOwnArguments ? rawArguments(request.command.length) : request.command,
      ...(user ? { user } : {}),
      ...(privateFiles ? { privateFiles } : {}),
      streams: streamsOf({ stdout, stderr }, nothing),
      extraCalls: [{ call, args }],
      descriptors,
    });
    using watching = new DisposableStack();
    watching.use(watch(command, session));
    const calibration = setInterval(() => session.recalibrate(), RECALIBRATION_MS);
    watching.defer(() => clearInterval(calibration));
    await command.wait();
  });
  session.cancel();
  return session.times();
}

/** What was seen of a group, as it is told. */
function functionTime(
  times: GroupTimes,
  { plan, group }: { plan: TimingPlan; group: number },
): FunctionTime {
  const { name, notes: planned } = plan.groups[group];
  const isTimed = plan.functions.some((timed) => timed.group === group);
  const notes = [...planned];
  const { calls, opened, finished, tails, lost, grossNs } = times;
  const unfinished = Math.max(0, calls - times.returns, opened - finished);
  const { inclusiveNs } = times;
  const isKnown = isTimed && (finished === 0 || inclusiveNs > 0);
  if (unfinished > 0) notes.push(`${unfinished} of ${calls} calls had no return: their time is missing`);
  if (tails > 0) {
    notes.push(`${tails} of ${times.returns} returns led into another function: the time there is not in it`);
  }
  if (lost > 0) {
    notes.push(`${lost} calls were in more threads than there is room for: their time is missing`);
  }
  if (finished > 0 && inclusiveNs <= 0) {
    notes.push("the calls are too short to be told from the cost of breakpoints");
  } else if (grossNs - inclusiveNs > MOST_TAKEN_OFF * inclusiveNs) {
    notes.push(
      `${humanTime(inclusiveNs)} are left of ${humanTime(grossNs)}, the rest was the cost of breakpoints: ` +
        `the time is uncertain`,
    );
  }
  return { target: name, calls, inclusiveNs: isKnown ? inclusiveNs : null, unfinished, notes };
}
