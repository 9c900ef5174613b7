/** `sb attach`: probes in a process tree that runs already, until it ends, the time is over or the caller says so. */
import { monotonicNs } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import {
  type BackendChoice,
  type BackendSession,
  chooseBackend,
  openBackendSession,
  type ProbePlan,
} from "../probe/mod.ts";
import { scanTree } from "../scope/mod.ts";
import { processesNamed, readProcessName, requireCapabilities, requireProcess } from "../sys/mod.ts";
import { bystandersOf, chooseAttachIsolation, filesOf, type IsolationChoice } from "./isolation.ts";
import type { AttachRequest, AttachResult, DryRun } from "./model.ts";
import { ProcessArmer } from "./per_process.ts";
import { planProbes } from "./plan.ts";
import { lossNotes, reportBystanders, reportProbes, type ReportSource } from "./report.ts";
import { choiceNotes, NEEDED_CAPABILITIES, RECALIBRATION_MS } from "./probed_command.ts";

/** How often the end of the tree is looked for, milliseconds. */
const END_POLL_MS = 50;

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

/** Resolves with why the attachment is over. */
async function waitForEnd(
  session: BackendSession,
  { until, signal }: { until: bigint | null; signal: AbortSignal | undefined },
): Promise<NonNullable<AttachResult["ended"]>> {
  for (;;) {
    if (signal?.aborted) return "interrupted";
    if (until !== null && monotonicNs() >= until) return "time";
    if (session.members().length === 0) return "exited";
    const leftMs = until === null ? END_POLL_MS : Number(until - monotonicNs()) / 1e6;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.max(1, Math.min(END_POLL_MS, leftMs)));
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      }
      signal?.addEventListener("abort", done);
    });
  }
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
  const until = request.forNs === null ? null : started + BigInt(request.forNs);
  const calibration = setInterval(() => session.recalibrate(), RECALIBRATION_MS);
  try {
    for (let turn = 1n;; turn++) {
      const tick = request.intervalNs === null ? null : started + turn * BigInt(request.intervalNs);
      const next = tick !== null && (until === null || tick < until) ? tick : until;
      const ended = await waitForEnd(session, { until: next, signal: options.signal });
      if (ended !== "time" || next === until) {
        session.cancel();
        yield report(ended);
        return;
      }
      yield report(null);
    }
  } finally {
    clearInterval(calibration);
  }
}
