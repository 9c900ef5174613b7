/** `timeFunctions()`: how long functions take in a run of a command. */
import { openFd, OpenFlags } from "../../ffi/mod.ts";
import { openPrivateFiles, rawArguments, requireUser, startCommand } from "../command/mod.ts";
import { humanTime, SbError } from "../core/mod.ts";
import { type AttachPaths, chooseBackend, type GroupTimes, TimingSession } from "../probe/mod.ts";
import { prefetchKernelTypes, requireCapabilities } from "../sys/mod.ts";
import { requestOfRun } from "./asked.ts";
import { chooseRunIsolation } from "./isolation.ts";
import type { RunAsked } from "./model.ts";
import { NEEDED_CAPABILITIES, RECALIBRATION_MS } from "./probed_command.ts";
import { runUntilAborted, streamsOf } from "./repeated_command.ts";
import type { FunctionTime, TimeOptions } from "./repeating.ts";
import { planTiming, type TimingPlan } from "./timing_plan.ts";

/** A call whose time is less than this share of what its breakpoints cost is known badly. */
const LEAST_SHARE = 0.25;

/**
 * Runs a command once, its standard input empty, and tells for each group of functions how long its calls took. Breakpoints at
 * the entry and at every way out cost some microseconds a call; what they cost is measured and taken off.
 *
 * @param asked delays and schedules are of no account
 * @throws SbError what run() throws before the command runs; `backend.unavailable` with the kernel module
 */
export async function timeFunctions(asked: RunAsked, options: TimeOptions = {}): Promise<FunctionTime[]> {
  const { groups = asked.probes.map(({ target }) => target), signal, stdout = "null", stderr = "null" } =
    options;
  const request = requestOfRun({
    ...asked,
    probes: asked.probes.map(({ target, at }) => ({ target, delayNs: 0, ...(at ? { at } : {}) })),
  });
  if (chooseBackend(request.backend, request.probes).backend !== "ebpf") {
    throw new SbError(
      "backend.unavailable",
      "Cannot time functions with the kernel module: it has no program for that",
      {
        hint: "Use --backend=ebpf",
      },
    );
  }
  requireCapabilities(NEEDED_CAPABILITIES.ebpf, { what: "time functions" });
  await prefetchKernelTypes();
  const plan = planTiming(request, groups);
  const files = [...new Map(plan.functions.map(({ file }) => [file.path, file])).values()];
  const { isolation } = chooseRunIsolation(request.isolation, { files, backend: "ebpf" });
  if (isolation === "per-process") {
    throw new SbError(
      "isolation.unavailable",
      "Cannot time functions per process: calls before a fork is seen have no end",
      {
        hint: "Use --isolation=auto",
      },
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
  return session.times().map((times, group) => functionTime(times, { plan, group, pairNs: session.pairNs }));
}

/** What was seen of a group, as it is told. */
function functionTime(
  times: GroupTimes,
  { plan, group, pairNs }: { plan: TimingPlan; group: number; pairNs: number },
): FunctionTime {
  const { name, notes: planned } = plan.groups[group];
  const isTimed = plan.functions.some((timed) => timed.group === group);
  const notes = [...planned];
  const { calls, opened, finished, tails, lost } = times;
  const unfinished = Math.max(0, calls - times.returns, opened - finished);
  const inclusiveNs = Math.max(0, times.inclusiveNs);
  if (unfinished > 0) notes.push(`${unfinished} of ${calls} calls had no return: their time is missing`);
  if (tails > 0) {
    notes.push(`${tails} of ${times.returns} returns led into another function: the time there is not in it`);
  }
  if (lost > 0) {
    notes.push(`${lost} calls were in more threads than there is room for: their time is missing`);
  }
  if (finished > 0 && inclusiveNs / finished < LEAST_SHARE * pairNs) {
    notes.push(
      `a call takes about ${humanTime(Math.round(inclusiveNs / finished))}, its two breakpoints ${
        humanTime(Math.round(pairNs))
      }: the time is uncertain`,
    );
  }
  return { target: name, calls, inclusiveNs: isTimed ? inclusiveNs : null, unfinished, notes };
}
