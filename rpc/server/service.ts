/** What the server does for its connections: who they are from, what of them is whose, and the end of it all. */
import type { Socket } from "node:net";
import type { NotificationName, NotificationParamsOf } from "../schema/mod.ts";
import { faultText, notificationText } from "../wire/mod.ts";
import { ClientSession } from "./client_session.ts";
import { Connection } from "./connection.ts";
import { Dispatcher } from "./dispatch.ts";
import { Engine } from "./engine.ts";
import { faultOfThrown } from "./fault.ts";
import { Leases } from "./leases.ts";
import type { Log } from "./log.ts";
import { type Caller, type MethodContext, methodsOf } from "./methods/mod.ts";
import { type Peer, readPeer } from "./peer.ts";
import { Quotas } from "./quota.ts";
import type { ServerOptions } from "./server.ts";
import { Subscriptions } from "./subscriptions.ts";
import { FileWorkers } from "./workers.ts";

/** How often the last connections are looked at while the server ends, in milliseconds. */
const END_LOOK_MS = 5;

/** Whose events those of unknown peers are. */
const NOBODY = -1;

/** A connected client. */
class Client implements Caller {
  readonly peer: Peer;
  readonly subscriptions = new Subscriptions();
  readonly connection: Connection;
  session!: ClientSession;

  constructor(peer: Peer, session: ClientSession, connect: (client: Client) => Connection) {
    this.peer = peer;
    this.enter(session);
    this.connection = connect(this);
  }

  enter(session: ClientSession): void {
    this.session = session;
    session.onEnd = (probe, why) => this.notify("probe.ended", { probe, why });
  }

  notify<N extends NotificationName>(name: N, params: NotificationParamsOf<N>): void {
    this.connection.send(notificationText(name, params));
  }
}

/** The descriptor of a connection; undefined where Deno does not tell it. */
function descriptorOf(socket: Socket): number | undefined {
  const handle = (socket as Socket & { _handle?: { fd?: unknown } })._handle;
  return typeof handle?.fd === "number" ? handle.fd : undefined;
}

/** The connections and their sessions. Disposing ends them; it settles when no breakpoint is left. */
export class Service implements AsyncDisposable {
  readonly #log: Log;
  readonly #quotas: Quotas;
  readonly #context: MethodContext;
  readonly #dispatcher: Dispatcher;
  readonly #clients = new Set<Client>();
  /** Sessions that are being closed. */
  readonly #closing = new Set<Promise<void>>();

  constructor({ log, version, limits, backend }: ServerOptions) {
    const quotas = new Quotas(limits);
    this.#log = log;
    this.#quotas = quotas;
    this.#context = {
      log,
      version,
      quotas,
      engine: new Engine({ backend }),
      workers: new FileWorkers({ log }),
      leases: new Leases({ quotas, log }),
      sessions: () => this.#sessions(),
    };
    this.#dispatcher = new Dispatcher({ methods: methodsOf(this.#context), log });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { leases, engine, workers } = this.#context;
    for (const client of [...this.#clients]) client.connection.end();
    await leases[Symbol.asyncDispose]();
    while (this.#closing.size > 0 || this.#clients.size > 0) {
      await Promise.race([...this.#closing, new Promise((resolve) => setTimeout(resolve, END_LOOK_MS))]);
    }
    await engine[Symbol.asyncDispose]();
    await workers[Symbol.asyncDispose]();
  }

  /** Lets a connection in, or tells it why not. */
  accept(socket: Socket): void {
    let peer: Peer | undefined;
    try {
      const fd = descriptorOf(socket);
      peer = readPeer(fd);
      this.#quotas.takeConnection(peer.uid);
      this.#enter(socket, { fd: fd!, peer });
    } catch (thrown) {
      const fault = faultOfThrown(thrown, (error) => this.#log.error("accept", { message: error.message }));
      this.#log.of(peer?.uid ?? NOBODY).warn("connection.refused", {
        uid: peer?.uid,
        pid: peer?.pid,
        code: fault.data.code,
        message: fault.message,
      });
      peer?.[Symbol.dispose]();
      socket.end(faultText(null, fault) + "\n", () => socket.destroy());
    }
  }

  #enter(socket: Socket, { fd, peer }: { fd: number; peer: Peer }): void {
    const { pid, uid, comm } = peer;
    const session = new ClientSession(uid, this.#context);
    const client = new Client(peer, session, (caller) =>
      new Connection(socket, {
        fd,
        call: (call) => this.#dispatcher.call(caller, call),
        queued: (bytes) => this.#quotas.mayQueue(caller.peer.uid, caller, bytes),
        closed: (why) => this.#leave(caller, why),
      }));
    this.#clients.add(client);
    this.#log.of(uid).info("connection.opened", { pid, uid, comm, session: session.number });
  }

  #leave(client: Client, why: string): Promise<void> {
    const { peer, session } = client;
    this.#clients.delete(client);
    client.subscriptions[Symbol.dispose]();
    this.#quotas.releaseConnection(peer.uid);
    const closing = session.close()
      .catch((error) => this.#log.error("session.close", { session: session.number, message: String(error) }))
      .finally(() => {
        peer[Symbol.dispose]();
        this.#closing.delete(closing);
      });
    this.#closing.add(closing);
    const level = why === "closed" || why === "ended" ? "info" : "warn";
    this.#log.of(peer.uid)[level]("connection.closed", {
      pid: peer.pid,
      uid: peer.uid,
      session: session.number,
      why,
    });
    return closing;
  }

  *#sessions(): Iterable<ClientSession> {
    for (const { session } of this.#clients) yield session;
    yield* this.#context.leases.sessions();
  }
}
