/** `sb attach`: probes in a process tree that runs already, until it ends, the time is over or the caller says so. */
import { monotonicNs } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { type BackendChoice, chooseBackend, openBackendSession, type ProbePlan } from "../probe/mod.ts";
import { scanTree } from "../scope/mod.ts";
import { processesNamed, readProcessName, requireCapabilities, requireProcess } from "../sys/mod.ts";
import { bystandersOf, chooseAttachIsolation, filesOf, type IsolationChoice } from "./isolation.ts";
import type { AttachRequest, AttachResult, DryRun } from "./model.ts";
import { moments } from "./moments.ts";
import { ProcessArmer } from "./per_process.ts";
import { planProbes } from "./plan.ts";
import { lossNotes, reportBystanders, reportProbes, type ReportSource } from "./report.ts";
import { choiceNotes, NEEDED_CAPABILITIES, RECALIBRATION_MS } from "./probed_command.ts";

/** The process that is meant. @throws SbError `process.not_found`, `process.not_leader`, `usage.option` */
function findRoot({ pid, name }: AttachRequest): number {
  if (pid !== null) {
    requireProcess(pid);
    return pid;
  }
  const found = processesNamed(name ?? "").filter((candidate) => candidate !== Deno.pid);
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    throw new SbError("process.not_found", `Cannot attach to "${name}": no process has that name`, {
      hint: "List processes: ps -eo pid,comm",
    });
  }
  throw new SbError(
    "usage.option",
    `Cannot attach to "${name}": ${found.length} processes have that name (${found.join(", ")})`,
    {
      hint: `Name one: sb attach --pid ${found[0]} …`,
      data: { pids: found },
    },
  );
}

interface AttachPlan {
  root: number;
  probes: ProbePlan[];
  notes: string[];
  choice: IsolationChoice;
}

function planAttach(request: AttachRequest, { backend }: BackendChoice): AttachPlan {
  const root = findRoot(request);
  const { probes, notes } = planProbes(request.probes, { pid: root, trampoline: request.trampoline });
  const choice = chooseAttachIsolation(request.isolation, {
    files: filesOf(probes),
    tree: scanTree(root),
    backend,
  });
  return { root, probes, notes, choice };
}

/** What an attachment would apply; nothing is changed. @throws SbError */
export function dryAttach(request: AttachRequest): DryRun {
  const backend = chooseBackend(request.backend, request.probes);
  const { root, probes, notes, choice } = planAttach(request, backend);
  return {
    command: null,
    pid: root,
    backend: backend.backend,
    isolation: choice.isolation,
    isolationReason: choice.reason,
    probes: probes.map((probe) => ({ ...probe, floor: null })),
    notes,
  };
}

/** Hooks of the caller. */
export interface AttachOptions {
  /** Ends the attachment when it is aborted. */
  signal?: AbortSignal;
}

/**
 * Attaches to a running tree and yields a report at each interval and one at the end, when everything is undone but
 * for the breakpoints themselves, which leave with the generator's end.
 *
 * @throws SbError before anything is attached
 */
export async function* attach(
  request: AttachRequest,
  options: AttachOptions = {},
): AsyncGenerator<AttachResult, void> {
  const backend = chooseBackend(request.backend, request.probes);
  requireCapabilities(NEEDED_CAPABILITIES[backend.backend], { what: "attach probes" });
  const { root, probes, notes, choice } = planAttach(request, backend);
  const { isolation } = choice;
  const comm = readProcessName(root);
  await using session = openBackendSession(backend.backend, probes, {
    filter: isolation === "shared",
    windowsStart: "now",
    tellForks: isolation === "per-process",
  });
  session.enterTree(() => scanTree(root));
  const source: ReportSource = {
    session,
    plans: probes,
    isolation,
    bystanderProcesses: isolation === "shared" ? bystandersOf(filesOf(probes), session.members()).length : 0,
  };
  using armer = session.armsForks
    ? undefined
    : new ProcessArmer(session, { paths: new Map(), first: session.members() });
  if (!armer) session.attach(new Map());
  const started = monotonicNs();
  notes.push(...choiceNotes(request, { backend, isolation: choice }));
  function report(ended: AttachResult["ended"]): AttachResult {
    const bystanders = reportBystanders(source);
    return {
      pid: root,
      comm,
      ended,
      backend: session.backend,
      isolation,
      wallNs: Number(monotonicNs() - started),
      probes: reportProbes(source),
      ...(bystanders ? { bystanders } : {}),
      notes: [...notes, ...armer?.notes ?? [], ...lossNotes(source)],
    };
  }
  const calibration = setInterval(() => session.recalibrate(), RECALIBRATION_MS);
  try {
    const watched = {
      ...request,
      ...options,
      startedNs: started,
      isOver: () => session.members().length === 0,
    };
    for await (const ended of moments(watched)) {
      if (ended !== null) session.cancel();
      yield report(ended);
    }
  } finally {
    clearInterval(calibration);
  }
}
