/** The counts of kernel operations that a session holds: each ends with it, at the latest. */
import type { CountReading, ReadOptions, TracerDevice, TreeCount } from "../../mod.ts";
import { SbError } from "../../src/core/mod.ts";
import { authoriseCount } from "./authorise.ts";
import type { SessionContext } from "./client_session.ts";
import type { Peer } from "./peer.ts";

/** A count of a session. */
export interface HeldCount {
  /** `c1`, `c2`, …: unique in the server. */
  readonly id: string;
  /** The root of the tree. */
  readonly pid: number;
  readonly tree: TreeCount;
}

let lastId = 0;

/** The counts of a session by id. */
export class HeldCounts {
  readonly #uid: number;
  readonly #context: Pick<SessionContext, "engine" | "workers" | "quotas" | "log">;
  readonly #held = new Map<string, HeldCount>();
  #isClosed = false;

  /** @param uid whose session it is */
  constructor(uid: number, context: Pick<SessionContext, "engine" | "workers" | "quotas" | "log">) {
    this.#uid = uid;
    this.#context = context;
  }

  /** How many there are. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Counts a tree from now on.
   *
   * @param pid the peer itself where it named none
   * @throws SbError `module.not_loaded`, `module.abi`, `permission.process`, `process.*`, `quota.counts`, `scope.too_many`
   */
  async add(peer: Peer, pid: number | undefined): Promise<HeldCount> {
    const { engine, workers, quotas, log } = this.#context;
    const { TreeCount } = await engine.library();
    await this.#requireTracer();
    const root = await authoriseCount(peer, pid, workers);
    quotas.takeCount(this.#uid);
    await using undo = new AsyncDisposableStack();
    undo.defer(() => quotas.releaseCount(this.#uid));
    const tree = undo.use(new TreeCount(await this.#openTracer(peer)));
    await tree.add(root);
    if (this.#isClosed) throw new SbError("session.closed", "Cannot count: the session was closed meanwhile");
    undo.move();
    const count = { id: `c${++lastId}`, pid: root, tree };
    this.#held.set(count.id, count);
    log.of(this.#uid).info("count.added", { uid: this.#uid, pid: peer.pid, tree: root, count: count.id });
    return count;
  }

  /** One by its id. @throws SbError `count.not_found` */
  get(id: string): HeldCount {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    throw new SbError("count.not_found", `Cannot find the count "${id}": the session has none of that id`, {
      hint: "Add one: count.add",
    });
  }

  /** What one has counted so far; the time that it takes is the user's. @throws SbError `count.not_found`, `kernel.refused` */
  read(id: string, options: ReadOptions): CountReading {
    const { tree } = this.get(id);
    return this.#context.workers.share.charge(this.#uid, () => tree.read(options));
  }

  /** Ends one. @throws SbError `count.not_found` */
  async remove(id: string): Promise<void> {
    const { tree } = this.get(id);
    this.#held.delete(id);
    this.#context.quotas.releaseCount(this.#uid);
    await tree[Symbol.asyncDispose]();
  }

  /** Ends all, and takes none any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#held.keys()].map((id) => this.remove(id)));
  }

  /** Without the module nobody is looked at, and no worker is started. */
  async #requireTracer(): Promise<void> {
    const { TRACER_PATH, tracerNotLoaded } = await this.#context.engine.library();
    try {
      Deno.statSync(TRACER_PATH);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw tracerNotLoaded();
      throw error;
    }
  }

  /** The tracer goes by the rights of who opened it. */
  async #openTracer(peer: Peer): Promise<TracerDevice> {
    const { openTracer, tracerOf } = await this.#context.engine.library();
    return peer.isRoot ? openTracer() : tracerOf(await this.#context.workers.openTracer(peer));
  }
}
