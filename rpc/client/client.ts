/** A client of `sb serve`: a session on the server, and what it holds. */
import process from "node:process";
import { addParams, type ProbeOptions } from "./asked.ts";
import { Connection, type RequestOptions } from "./connection.ts";
import { RemoteCount } from "./count.ts";
import { ConnectionError, RpcError } from "./errors.ts";
import { type EndReason, RemoteProbe } from "./probe.ts";
import type { Ended, MethodName, ParamsOf, ResultOf, Tick } from "./protocol.ts";
import { openSocket, socketPlaces } from "./socket.ts";
import { Subscription, type TickSink } from "./subscription.ts";

/** How the server is found. */
export interface ConnectOptions {
  /** Path of its socket; `$SB_SOCKET`, or the usual places, without it. */
  socket?: string;
  /** Its abortion gives up. */
  signal?: AbortSignal;
  /** Called with each notification, besides what is made of it. */
  onNotification?: (method: string, params: unknown) => void;
}

/** How a call is made. */
export interface CallOptions {
  /** Its abortion, such as that of `AbortSignal.timeout(1000)`, gives the call up; what it added is removed again. */
  signal?: AbortSignal;
}

/** Parameters may be left out where none is required. */
type CallArguments<M extends MethodName> = Record<never, never> extends ParamsOf<M>
  ? [params?: ParamsOf<M>, options?: CallOptions]
  : [params: ParamsOf<M>, options?: CallOptions];

/** A call of a batch. */
export type BatchCall = { [M in MethodName]: { method: M; params?: ParamsOf<M> } }[MethodName];

/** What became of each call of a batch. */
export type BatchOutcome<C extends readonly BatchCall[]> = {
  -readonly [K in keyof C]: PromiseSettledResult<ResultOf<C[K]["method"]>>;
};

/**
 * Connects to a server. The connection is a session: what it adds is undone when it ends, in whatever way.
 *
 * @throws ConnectionError `server.not_found`, `server.untrusted`; the reason of `options.signal`
 */
export async function connect({ socket, signal, onNotification }: ConnectOptions = {}): Promise<Client> {
  const places = socketPlaces(socket, socket === undefined ? process.env : {});
  const opened = await openSocket(places, { signal });
  return new Client(opened, onNotification);
}

/** A session on a server. Calls may be made without waiting for earlier ones; those of one turn leave together. */
export class Client implements AsyncDisposable {
  readonly #connection: Connection;
  /** Id → whom to tell of the end of the probe. */
  readonly #probes = new Map<string, (why: EndReason) => void>();
  readonly #subscriptions = new Map<string, TickSink>();
  /** Path of the server's socket. */
  readonly socket: string;

  /** Use {@linkcode connect}. */
  constructor(
    { socket, path }: Awaited<ReturnType<typeof openSocket>>,
    onNotification?: ConnectOptions["onNotification"],
  ) {
    this.socket = path;
    this.#connection = new Connection(socket, ({ method, params }) => {
      this.#take(method, params);
      onNotification?.(method, params);
    });
    void this.closed.then(() => this.#forget("connection ended"));
  }

  /** Settles when the connection has ended. */
  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  /**
   * Calls a method of the protocol (docs/rpc.md).
   *
   * @throws RpcError with the server's code; ConnectionError `server.gone`; the reason of `options.signal`
   */
  call<M extends MethodName>(method: M, ...[params, options]: CallArguments<M>): Promise<ResultOf<M>> {
    return this.#ask(method, params, options);
  }

  /** Makes several calls in one message. */
  batch<const C extends readonly BatchCall[]>(calls: C, options: CallOptions = {}): Promise<BatchOutcome<C>> {
    return this.#connection.batch(calls, options) as Promise<BatchOutcome<C>>;
  }

  /**
   * Adds the probes that a target names, all or none.
   *
   * @throws RpcError `usage.*`, `file.*`, `probe.*`, `permission.*`, `quota.*`
   */
  async add(asked: ProbeOptions, { signal }: CallOptions = {}): Promise<RemoteProbe[]> {
    let probes: RemoteProbe[] = [];
    await this.#ask("probe.add", addParams(asked), {
      signal,
      onAnswer: ({ probes: rows }) => probes = rows.map((row) => this.#hold(row)),
      onLateAnswer: ({ probes: rows }) => this.#drop(rows.map(({ id }) => id)),
    });
    return probes;
  }

  /**
   * Adds one probe.
   *
   * @throws RpcError as `add`, and `usage.target` when the target names several functions: nothing is added then
   */
  async probe(asked: ProbeOptions, options: CallOptions = {}): Promise<RemoteProbe> {
    const probes = await this.add(asked, options);
    if (probes.length === 1) return probes[0];
    await Promise.all(probes.map((probe) => probe.remove()));
    throw new RpcError({
      code: -32602,
      message: `Cannot add one probe at "${asked.target}": it names ${probes.length} functions`,
      data: { code: "usage.target", hint: "Call add() for all of them" },
    });
  }

  /**
   * Counts what a process and its descendants make the kernel do, from now on; the server's kernel needs the module tracer.
   *
   * @param options.pid the root of the tree: a process, not a thread; this process without it
   * @throws RpcError `module.not_loaded`, `process.*`, `permission.process`, `quota.counts`
   */
  async count({ pid, signal }: CallOptions & { pid?: number } = {}): Promise<RemoteCount> {
    const counting = await this.#ask("count.add", pid === undefined ? {} : { pid }, {
      signal,
      onLateAnswer: ({ count }) => this.#connection.tell({ method: "count.remove", params: { count } }),
    });
    return new RemoteCount(this.#connection, counting);
  }

  /**
   * Sends for the figures of all probes of the session at an interval.
   *
   * @param options.intervalNs 10^7 (10 ms) or more
   */
  async subscribe({ intervalNs, signal }: CallOptions & { intervalNs: number }): Promise<Subscription> {
    let id = "";
    let sink: TickSink;
    const unsubscribe = async () => {
      this.#subscriptions.delete(id);
      await this.#ask("stats.unsubscribe", { subscription: id }).catch(ignoreGone);
    };
    const subscription = new Subscription(unsubscribe, (tied) => sink = tied);
    await this.#ask("stats.subscribe", { interval_ns: intervalNs }, {
      signal,
      onAnswer: (answer) => this.#subscriptions.set(id = answer.subscription, sink),
      onLateAnswer: (params) => this.#connection.tell({ method: "stats.unsubscribe", params }),
    });
    return subscription;
  }

  /**
   * Leaves the session's probes on the server for a while; this client goes on with an empty session.
   *
   * @param options.ttlNs 10^9 (1 s) to 3.6·10^12 (1 h)
   * @returns the token for {@linkcode Client.resume}
   */
  async detach({ ttlNs, signal }: CallOptions & { ttlNs: number }): Promise<string> {
    const { token } = await this.#ask("session.detach", { ttl_ns: ttlNs }, {
      signal,
      onAnswer: () => this.#forget("detached"),
    });
    return token;
  }

  /** Takes over a session that was detached. @throws RpcError `session.not_found`, `session.busy` */
  async resume(token: string, { signal }: CallOptions = {}): Promise<RemoteProbe[]> {
    let probes: RemoteProbe[] = [];
    await this.#ask("session.resume", { token }, {
      signal,
      onAnswer: ({ probes: rows }) => probes = rows.map((row) => this.#hold(row)),
    });
    return probes;
  }

  /** Ends the session. @returns when the server has undone it */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ask<M extends MethodName>(
    method: M,
    params: ParamsOf<M> | undefined,
    options: CallOptions & {
      onAnswer?: (result: ResultOf<M>) => void;
      onLateAnswer?: (result: ResultOf<M>) => void;
    } = {},
  ): Promise<ResultOf<M>> {
    return this.#connection.request({ method, params }, options as RequestOptions) as Promise<ResultOf<M>>;
  }

  #hold(row: RemoteProbe["added"]): RemoteProbe {
    const id = row.id;
    const probe = new RemoteProbe(this.#connection, row, (end) => this.#probes.set(id, end));
    const end = this.#probes.get(id);
    void probe.ended.then(() => {
      // A session that was resumed has other handles of the same id.
      if (this.#probes.get(id) === end) this.#probes.delete(id);
    });
    return probe;
  }

  /** Nobody waits any more for what was added. */
  #drop(ids: readonly string[]): void {
    for (const probe of ids) this.#connection.tell({ method: "probe.remove", params: { probe } });
  }

  #forget(why: "detached" | "connection ended"): void {
    for (const end of this.#probes.values()) end(why);
    for (const sink of this.#subscriptions.values()) sink.end();
    this.#probes.clear();
    this.#subscriptions.clear();
  }

  #take(method: string, params: unknown): void {
    if (method === "stats.tick") {
      const tick = params as Tick;
      this.#subscriptions.get(tick.subscription)?.take(tick);
    } else if (method === "probe.ended") {
      const { probe, why } = params as Ended;
      this.#probes.get(probe)?.(why);
    }
  }
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof ConnectionError)) throw error;
}
