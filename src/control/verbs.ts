/** The verbs: add, update, remove, list, clear, enable, disable, status, delay. */
import { formatTime, SbError } from "../core/mod.ts";
import { DEFAULT_SETTINGS, type How, type ProbePlan, type ProbeSpec, specOf } from "../probe/mod.ts";
import { scanTree } from "../scope/mod.ts";
import { planProbes } from "../session/mod.ts";
import { processesMapping, requireProcess } from "../sys/mod.ts";
import {
  BACKENDS,
  chooseForAdd,
  isUnreadable,
  openBackend,
  openBackends,
  removeEveryPin,
  requireControl,
} from "./backends.ts";
import type {
  AddRequest,
  AddResult,
  BackendStatus,
  ControlBackend,
  ControlChange,
  ControlChoice,
  ControlledProbe,
  ControlResult,
} from "./model.ts";
import { selectProbes } from "./select.ts";
import { sessionProbes } from "./sessions.ts";

function requireSpin({ target, how }: { target: string; how: How }): void {
  if (how === "spin") return;
  throw new SbError("probe.sleep_unsupported", `Cannot sleep in "${target}": an eBPF program can only spin`, {
    hint: "Load the kernel module (sudo sb module load), or use how=spin",
  });
}

/** Processes out of the tree that map a file of the plans: they pay for its breakpoints. */
function countBystanders(plans: readonly ProbePlan[], root: number | null): number {
  const files = new Map(plans.map(({ file }) => [file.path, file]));
  const members = new Set([Deno.pid, ...root === null ? [] : scanTree(root)]);
  const mapping = new Set(
    [...files.values()].flatMap(({ device, inode }) => processesMapping(device, inode)),
  );
  return [...mapping].filter((pid) => !members.has(pid)).length;
}

/** `sb add`. @throws SbError of the grammar, of resolution, and of the backend */
export async function addProbes(request: AddRequest): Promise<AddResult> {
  requireControl("sb add …");
  for (const pid of [request.root, request.owner]) if (pid !== null) requireProcess(pid);
  const name = chooseForAdd(request.backend);
  if (name === "ebpf") {
    requireSpin({ target: request.target, how: request.spec?.how ?? request.settings.how ?? "spin" });
  }
  // Planned before the backend is locked: a pattern over a large file takes a while.
  const { probes: found, notes } = planProbes([
    { target: request.target, spec: request.spec ?? defaultSpec(0, request) },
  ], { trampoline: request.trampoline, ...(request.root === null ? {} : { pid: request.root }) });
  if (request.tag !== null && found.length > 1) {
    throw new SbError(
      "usage.option",
      `Cannot tag "${request.target}": it is ${found.length} functions, and a tag names one probe`,
      { hint: "Name one function, or leave --tag out" },
    );
  }
  using backend = await openBackend(name);
  const spec = request.spec ?? defaultSpec(backend.defaultDelayNs, request);
  const plans = found.map((plan): ProbePlan => ({ ...plan, spec }));
  const probes = await backend.add(plans, request);
  return {
    probes,
    notes,
    backend: backend.name,
    enabled: backend.enabled || request.owner !== null,
    // The module keeps its breakpoints to the scope.
    bystanders: backend.name === "ebpf" && request.root !== null ? countBystanders(plans, request.root) : 0,
  };
}

function defaultSpec(ns: number, { settings }: AddRequest): ProbeSpec {
  return specOf(ns === 0 ? "0" : formatTime(ns), { kind: "fixed", ns }, { ...DEFAULT_SETTINGS, ...settings });
}

/** Does something to the probes that operands mean, backend by backend. */
async function onSelected(
  { operands, choice }: { operands: readonly string[]; choice: ControlChoice },
  act: (backend: ControlBackend, ids: string[]) => Promise<ControlledProbe[]> | ControlledProbe[],
): Promise<ControlResult> {
  using backends = await openBackends(choice, { make: false });
  const all = backends.all.flatMap((backend) => backend.list());
  const ids = new Set(operands.flatMap((operand) => selectProbes(operand, all).map(({ id }) => id)));
  const probes: ControlledProbe[] = [];
  for (const backend of backends.all) {
    const own = all.filter((probe) => probe.backend === backend.name && ids.has(probe.id));
    if (own.length > 0) probes.push(...await act(backend, own.map(({ id }) => id as string)));
  }
  return { probes, notes: [] };
}

/** `sb update`: the delay, and what else is named; the rest is kept. @throws SbError `probe.not_found` */
export function updateProbes(
  operand: string,
  { change, backend }: { change: ControlChange; backend: ControlChoice },
): Promise<ControlResult> {
  requireControl("sb update …");
  return onSelected({ operands: [operand], choice: backend }, (open, ids) => {
    if (open.name === "ebpf") requireSpin({ target: operand, how: change.settings.how ?? "spin" });
    return open.update(ids, change);
  });
}

/** `sb remove`. @returns the last figures. @throws SbError `probe.not_found`, before anything is removed */
export function removeProbes(
  operands: readonly string[],
  { backend }: { backend: ControlChoice },
): Promise<ControlResult> {
  requireControl("sb remove …");
  return onSelected({ operands, choice: backend }, (open, ids) => open.remove(ids));
}

/** `sb list`. @param options.all sessions' probes too */
export async function listProbes(
  { all, backend }: { all: boolean; backend: ControlChoice },
): Promise<ControlResult> {
  requireControl("sb list");
  using backends = await openBackends(backend, { make: false });
  const probes = backends.all.flatMap((open) => open.list({ sessions: all }));
  return { probes: all && backend !== "kmod" ? [...probes, ...sessionProbes()] : probes, notes: [] };
}

/** `sb clear`: probes without an owner; with `all` those with one too. @returns how many there were */
export async function clearProbes(
  { all, backend }: { all: boolean; backend: ControlChoice },
): Promise<number> {
  requireControl("sb clear");
  try {
    using backends = await openBackends(backend, { make: false });
    return backends.all.reduce((sum, open) => sum + open.clear({ owned: all }), 0);
  } catch (error) {
    if (!all || !isUnreadable(error)) throw error;
    await removeEveryPin();
    return await clearProbes({ all, backend });
  }
}

/** `sb enable` and `sb disable`, on every backend there is; eBPF's layout is made where there is none. */
export async function setEnabled(
  enabled: boolean,
  { backend }: { backend: ControlChoice },
): Promise<{ backends: BackendStatus[]; notes: string[] }> {
  requireControl(enabled ? "sb enable" : "sb disable");
  using backends = await openBackends(backend, { make: enabled });
  const notes: string[] = [];
  for (const open of backends.all) notes.push(...await open.setEnabled(enabled));
  return { backends: backends.all.map(statusOf), notes };
}

function statusOf(open: ControlBackend): BackendStatus {
  return {
    backend: open.name,
    present: true,
    enabled: open.enabled,
    defaultDelayNs: open.defaultDelayNs,
    totals: open.totals(),
  };
}

/** `sb status`: every backend that was meant, present or not. */
export async function controlStatus({ backend }: { backend: ControlChoice }): Promise<BackendStatus[]> {
  requireControl("sb status");
  using backends = await openBackends(backend === "kmod" ? "auto" : backend, { make: false });
  return BACKENDS.filter((name) => backend === "auto" || name === backend).map((name) => {
    const open = backends.all.find((candidate) => candidate.name === name);
    return open
      ? statusOf(open)
      : { backend: name, present: false, enabled: null, defaultDelayNs: null, totals: null };
  });
}

/** `sb delay NS`, on every backend there is; eBPF's layout is made where there is none. @param ns 0 to 10^10 */
export async function setDefaultDelay(
  ns: number,
  { backend }: { backend: ControlChoice },
): Promise<BackendStatus[]> {
  requireControl("sb delay …");
  using backends = await openBackends(backend, { make: true });
  for (const open of backends.all) open.defaultDelayNs = ns;
  return backends.all.map(statusOf);
}
