/** A session of a client: what it added, undone when it closes. It outlives its connection only when it is detached. */
import type { Probe, ProbeSession, RealBackend } from "../../mod.ts";
import { SbError } from "../../src/core/mod.ts";
import type { ParamsOf } from "../schema/mod.ts";
import { changeAsked, greatestAskedNs, probeAsked } from "./asked.ts";
import { authoriseScope } from "./authorise.ts";
import type { Engine } from "./engine.ts";
import { HeldCounts } from "./held_counts.ts";
import { type HeldProbe, HeldProbes, Shared } from "./held_probes.ts";
import type { Log } from "./log.ts";
import type { Peer } from "./peer.ts";
import type { Quotas } from "./quota.ts";
import type { FileWorkers, PlannedByWorker } from "./workers.ts";

/** What sessions share. */
export interface SessionContext {
  engine: Engine;
  workers: FileWorkers;
  quotas: Quotas;
  log: Log;
}

/** Why a probe ended that the session did not end. */
export type UnexpectedEnd = "removed" | "scope empty";

let lastNumber = 0;

/** A session. */
export class ClientSession {
  /** For the log. */
  readonly number = ++lastNumber;
  readonly uid: number;
  /** Is told of probes that end without the session's asking; none while it is detached. */
  onEnd: ((id: string, why: UnexpectedEnd) => void) | undefined;
  readonly #context: SessionContext;
  readonly #sessions = new Map<RealBackend, Promise<ProbeSession>>();
  readonly #probes: HeldProbes;
  readonly #counts: HeldCounts;
  #closed: Promise<void> | undefined;

  constructor(uid: number, context: SessionContext) {
    this.uid = uid;
    this.#context = context;
    this.#counts = new HeldCounts(uid, context);
    this.#probes = new HeldProbes((held, why) => {
      context.quotas.releaseProbes(uid, 1);
      if (held.isExpected || why === "session closed") return;
      context.log.of(uid).info("probe.ended", { session: this.number, probe: held.probe.id, why });
      this.onEnd?.(held.probe.id, why);
    });
  }

  /** The probes. */
  get probes(): HeldProbes {
    return this.#probes;
  }

  /** The counts of kernel operations. */
  get counts(): HeldCounts {
    return this.#counts;
  }

  /** Resolves and judges; applies nothing. @throws SbError */
  async plan(peer: Peer, params: ParamsOf<"probe.plan">): Promise<{ documents: unknown[]; notes: string[] }> {
    const { planned } = await this.#prepare(peer, params);
    using _ = planned;
    return { documents: planned.documents, notes: planned.notes };
  }

  /** Adds probes, all or none. @throws SbError */
  async add(peer: Peer, params: ParamsOf<"probe.add">): Promise<HeldProbe[]> {
    const { planned, scope } = await this.#prepare(peer, params);
    const { plans, paths } = planned;
    using undo = new DisposableStack();
    undo.use(planned);
    const { quotas, engine, log } = this.#context;
    quotas.takeProbes(this.uid, plans.length);
    undo.defer(() => quotas.releaseProbes(this.uid, plans.length));
    const backend = await engine.choose(plans);
    // What was chosen for eBPF, where the kernel may have no other; the module puts breakpoints into processes only.
    const isolation = backend === "kmod" && (params.isolation ?? "auto") === "auto"
      ? "per-process"
      : planned.isolation;
    const session = await this.#open(backend);
    const probes = await session.apply(plans, { scope, isolation, paths });
    await this.#requireOpenFor(probes);
    undo.move();
    const owner = { pid: peer.pid, comm: peer.comm };
    const kept = new Shared(probes.length, () => planned[Symbol.dispose]());
    log.of(this.uid).info("probe.added", {
      session: this.number,
      uid: this.uid,
      pid: peer.pid,
      scope: scope.kind === "tree"
        ? `tree ${scope.pid}`
        : scope.kind === "cgroup"
        ? `cgroup ${scope.path}`
        : "all",
      target: params.target,
      probes: probes.length,
      first: probes[0]?.id,
    });
    return this.#probes.add(probes, { owner, kept });
  }

  /** Sentences for the reader: what was missed, and why. */
  async notes(): Promise<string[]> {
    // One that could not be opened was told to who asked for it.
    const opened = await Promise.all(
      [...this.#sessions.values()].map((opening) => opening.catch(() => undefined)),
    );
    return opened.flatMap((session) => session?.notes ?? []);
  }

  /** Changes a probe. @throws SbError */
  async update(params: ParamsOf<"probe.update">): Promise<void> {
    const { probe } = this.#probes.get(params.probe);
    await this.#checkDelay(params);
    await probe.update(changeAsked(params));
  }

  /** Removes a probe. @param isExpected whether the session's client asked for it */
  async remove(held: HeldProbe, { isExpected }: { isExpected: boolean }): ReturnType<Probe["remove"]> {
    held.isExpected = isExpected;
    const report = await held.probe.remove();
    if (isExpected) this.#probes.forget(held);
    return report;
  }

  /** Undoes everything. Settles when no further delay can start. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const { engine, log } = this.#context;
    this.onEnd = undefined;
    const opened = [...this.#sessions.values()];
    this.#sessions.clear();
    const counted = this.#counts.close();
    if (opened.length === 0) return await counted;
    const live = this.#probes.live().length;
    await Promise.all(opened.map(async (opening) => {
      // One that could not be opened was told to who asked for it.
      const session = await opening.catch(() => undefined);
      if (session !== undefined) await engine.close(session);
    }));
    await counted;
    log.of(this.uid).info("session.closed", { session: this.number, uid: this.uid, probes: live });
  }

  /** What may be asked for, resolved by a worker. */
  async #prepare(peer: Peer, params: ParamsOf<"probe.add">) {
    const { workers } = this.#context;
    await this.#checkDelay(params);
    const scope = await authoriseScope(peer, params.scope, workers);
    const planned: PlannedByWorker = await workers.plan(peer, probeAsked(params, scope), {
      most: this.#context.quotas.limitsOf(this.uid).probes,
    });
    return { scope, planned };
  }

  async #checkDelay(params: ParamsOf<"probe.add"> | ParamsOf<"probe.update">): Promise<void> {
    if (this.uid === 0) return;
    this.#context.quotas.checkDelay(this.uid, greatestAskedNs(await this.#context.engine.library(), params));
  }

  #open(backend: RealBackend): Promise<ProbeSession> {
    this.#requireOpen();
    let session = this.#sessions.get(backend);
    if (session === undefined) {
      session = this.#context.engine.open(backend);
      this.#sessions.set(backend, session);
      // The next call tries again.
      session.catch(() => this.#sessions.delete(backend));
    }
    return session;
  }

  #requireOpen(): void {
    if (this.#closed === undefined) return;
    throw new SbError("session.closed", "Cannot add a probe: the session was closed meanwhile");
  }

  /** Undoes what was applied while the session was being closed. */
  async #requireOpenFor(probes: readonly Probe[]): Promise<void> {
    if (this.#closed === undefined) return;
    await Promise.all(probes.map((probe) => probe.remove()));
    this.#requireOpen();
  }
}
