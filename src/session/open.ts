/** Sessions of the library: probes that come and go one by one in trees that run already. */
import { SbError } from "../core/mod.ts";
import {
  type BackendName,
  chooseBackend,
  type Late,
  type PoolScope,
  type ProbePlan,
  type ProbePool,
  type RealBackend,
} from "../probe/mod.ts";
import { prefetchKernelTypes, requireCapabilities } from "../sys/mod.ts";
import { requestOfProbe } from "./asked.ts";
import { choosePoolIsolation } from "./isolation.ts";
import { LiveProbe, requireHow } from "./live_probe.ts";
import { type Plan, planProbes } from "./plan.ts";
import { leasePool } from "./pools.ts";
import type { ApplyOptions, EndReason, OpenOptions, Probe, ProbeAsked, ProbeSession } from "./probing.ts";
import { checkProperties, checkWord } from "./properties.ts";
import { lateNote, untrackedNote } from "./report.ts";
import { NEEDED_CAPABILITIES } from "./probed_command.ts";
import { requireScope, scopeOf } from "./scope_asked.ts";

/** One thing asked for is a list of one. */
function listed<T extends object>(asked: T | readonly T[]): readonly T[] {
  return Array.isArray(asked) ? asked : [asked as T];
}

function planAsked(asked: ProbeAsked, scope: PoolScope | null): Plan {
  return planProbes([requestOfProbe(asked)], {
    trampoline: asked.trampoline === true,
    ...(scope?.kind === "tree" ? { pid: scope.pid } : {}),
  });
}

/**
 * Resolves targets and judges what is asked for, without privilege; nothing is applied. Without a scope names are looked up as
 * for a new process.
 *
 * @throws SbError `usage.*`, `file.*`, `probe.*`, `process.*`
 */
// deno-lint-ignore require-await -- refusals are rejections
export async function plan(asked: ProbeAsked | readonly ProbeAsked[]): Promise<Plan> {
  const plans = listed(asked).map((one) => {
    requestOfProbe(one);
    return planAsked(one, scopeOf(one));
  });
  return { probes: plans.flatMap(({ probes }) => probes), notes: plans.flatMap(({ notes }) => notes) };
}

/** Chooses the backend of a session. @throws SbError `usage.option`, `permission.capability`, `module.*` */
function chooseSessionBackend({ backend = "auto" }: OpenOptions): RealBackend {
  checkWord(backend, ["auto", "ebpf", "kmod"], { name: "backend", what: "the session" });
  const { backend: chosen } = chooseBackend(backend, []);
  requireCapabilities(NEEDED_CAPABILITIES[chosen], { what: "attach probes", command: "deno run …" });
  return chosen;
}

/**
 * Opens a session. Its probes are undone when it is disposed of, and when this process ends, however it ends.
 *
 * @throws SbError `usage.option`, `permission.capability` (the message names what is missing), `module.not_loaded`,
 *   `module.abi`, `library.missing`, `backend.verifier`, `kernel.refused`
 */
export function open(options: OpenOptions = {}): Promise<ProbeSession> {
  return openWith(options, { closesItself: false });
}

/**
 * Adds one probe, in a session of its own that ends with it.
 *
 * @throws SbError as `open()` and `ProbeSession.add()`; `usage.target` when the target is a pattern of several functions
 */
export async function probe(asked: ProbeAsked & OpenOptions): Promise<Probe> {
  const { backend, ...one } = asked;
  requestOfProbe(one);
  await using undo = new AsyncDisposableStack();
  const session = undo.use(await openWith({ ...(backend && { backend }) }, { closesItself: true }));
  const [added, ...others] = await session.add(one);
  if (others.length > 0) {
    throw new SbError(
      "usage.target",
      `Cannot add one probe to "${one.target}": it names ${1 + others.length} functions`,
      { hint: "Name one function, or use open() and session.add()" },
    );
  }
  undo.move();
  return added;
}

async function openWith(
  options: OpenOptions,
  { closesItself }: { closesItself: boolean },
): Promise<ProbeSession> {
  checkProperties(options, { backend: ["string"] }, "the session");
  const backend = chooseSessionBackend(options);
  if (backend === "ebpf") await prefetchKernelTypes();
  const lease = await leasePool(backend);
  return sessionOn(lease.pool, { closesItself, close: () => lease[Symbol.asyncDispose]() });
}

/** How a session on a pool ends. */
export interface SessionOnOptions {
  /** Gives the pool back, when no further delay can start. */
  close?: () => Promise<void>;
  /** Whether the session closes with its last probe. */
  closesItself?: boolean;
}

/** A session on a pool that somebody else holds: who has many sessions keeps one pool open between them. */
export function sessionOn(pool: ProbePool, options: SessionOnOptions = {}): ProbeSession {
  return new Session(pool, options);
}

class Session implements ProbeSession {
  readonly #pool: ProbePool;
  readonly #options: SessionOnOptions;
  readonly #probes = new Set<LiveProbe>();
  readonly #notes: string[] = [];
  /** Root → how late its children were, of the probe that saw most of them. */
  readonly #late = new Map<number, Late>();
  #closed: Promise<void> | undefined;

  constructor(pool: ProbePool, options: SessionOnOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  get backend(): BackendName {
    return this.#pool.backend;
  }

  get probes(): readonly Probe[] {
    return [...this.#probes];
  }

  get notes(): readonly string[] {
    const { untracked } = this.#pool;
    for (const probe of this.#probes) this.#noteLate(probe);
    return [
      ...this.#notes,
      ...[...this.#late].map(([tree, late]) => lateNote(late, { tree, remedy: 'isolation: "shared"' })),
      ...untracked === 0 ? [] : [untrackedNote(untracked)],
    ];
  }

  plan(asked: ProbeAsked | readonly ProbeAsked[]): Promise<Plan> {
    return plan(asked);
  }

  async add(asked: ProbeAsked | readonly ProbeAsked[]): Promise<Probe[]> {
    this.#requireOpen();
    // All is judged before anything is applied.
    const planned = listed(asked).map((one) => {
      requestOfProbe(one);
      const scope = requireScope(one);
      const { probes, notes } = planAsked(one, scope);
      const isolation = choosePoolIsolation(one.isolation ?? "auto", { scope, backend: this.backend });
      return { plans: probes, notes, options: { scope, isolation } };
    });
    await using undo = new AsyncDisposableStack();
    const added: Probe[] = [];
    for (const { plans, options } of planned) {
      for (const probe of await this.apply(plans, options)) added.push(undo.use(probe));
    }
    this.#notes.push(...planned.flatMap(({ notes }) => notes));
    undo.move();
    return added;
  }

  async apply(plans: readonly ProbePlan[], { scope, isolation, paths }: ApplyOptions): Promise<Probe[]> {
    this.#requireOpen();
    const { backend } = this;
    for (const { target, spec } of plans) requireHow(spec.how, { target, backend });
    if (scope.kind === "tree" && scope.guarded && isolation === "shared") throw refuseShared(scope.pid);
    const probes = await this.#pool.add(plans, { scope, isolation, ...(paths && { paths }) });
    if (this.#closed) {
      await Promise.all(probes.map((probe) => probe.remove()));
      this.#requireOpen();
    }
    return probes.map((probe) => {
      const live: LiveProbe = new LiveProbe(probe, { backend, scope, onEnd: () => this.#forget(live) });
      this.#probes.add(live);
      return live;
    });
  }

  async clear(): Promise<void> {
    await this.#endAll("removed");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    try {
      await this.#endAll("session closed");
    } finally {
      await this.#options.close?.();
    }
  }

  async #forget(probe: LiveProbe): Promise<void> {
    this.#probes.delete(probe);
    this.#noteLate(probe);
    if (!this.#options.closesItself || this.#probes.size > 0 || this.#closed) return;
    this.#closed = this.#options.close?.() ?? Promise.resolve();
    await this.#closed;
  }

  #noteLate({ scope, late }: LiveProbe): void {
    if (scope.kind !== "tree" || late.processes <= (this.#late.get(scope.pid)?.processes ?? 0)) return;
    this.#late.set(scope.pid, late);
  }

  /** Ends every probe, whatever the others' ends come to. */
  async #endAll(reason: EndReason): Promise<void> {
    const ends = await Promise.allSettled([...this.#probes].map((probe) => probe.leave(reason)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  #requireOpen(): void {
    if (!this.#closed) return;
    throw new SbError("session.closed", "Cannot add a probe: the session is closed", {
      hint: "Open another one: open()",
    });
  }
}

/** A breakpoint of a guarded tree may stand in no other address space (`product.md`). */
function refuseShared(pid: number): SbError {
  return new SbError(
    "isolation.unavailable",
    `Cannot slow process ${pid} with shared breakpoints: only root's probes may reach other processes`,
    { hint: "Use the isolation per-process (kernel 6.6 or later), or run it as root" },
  );
}
