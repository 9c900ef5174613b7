/** The server: who connects, what of it is whose, and the end of it all. */
import { createServer, type Server as NetServer, type Socket } from "node:net";
import type { BackendRequest } from "../../mod.ts";
import { type NotificationName, type NotificationParamsOf } from "../schema/mod.ts";
import { faultText, notificationText } from "../wire/mod.ts";
import { ClientSession } from "./client_session.ts";
import { Connection } from "./connection.ts";
import { Dispatcher } from "./dispatch.ts";
import { Engine } from "./engine.ts";
import { faultOfThrown } from "./fault.ts";
import { Leases } from "./leases.ts";
import { type ListeningSocket, openListeningSocket } from "./listen.ts";
import type { Log } from "./log.ts";
import { type Caller, type MethodContext, methodsOf } from "./methods/mod.ts";
import { type Peer, readPeer } from "./peer.ts";
import { type Limits, Quotas } from "./quota.ts";
import { Subscriptions } from "./subscriptions.ts";
import { FileWorkers } from "./workers.ts";

/** How a server is started. */
export interface ServerOptions {
  /** The path to listen at; null is the default. */
  socket: string | null;
  backend: BackendRequest;
  /** Of users other than root. */
  limits: Limits;
  /** The version of sb. */
  version: string;
  log: Log;
}

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

/** A running server. Disposing ends it; it settles when no breakpoint is left. */
export class Server implements AsyncDisposable {
  /** Where clients connect; null where a service manager knows. */
  readonly path: string | null;
  readonly #listening: ListeningSocket;
  readonly #net: NetServer;
  readonly #log: Log;
  readonly #quotas: Quotas;
  readonly #context: MethodContext;
  readonly #dispatcher: Dispatcher;
  readonly #clients = new Set<Client>();
  /** Sessions and connections that are being closed. */
  readonly #closing = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  private constructor(options: ServerOptions, listening: ListeningSocket) {
    const { log, version } = options;
    const quotas = new Quotas(options.limits);
    this.#listening = listening;
    this.path = listening.path;
    this.#log = log;
    this.#quotas = quotas;
    this.#context = {
      log,
      version,
      quotas,
      engine: new Engine({ backend: options.backend }),
      workers: new FileWorkers({ log }),
      leases: new Leases({ quotas, log }),
      sessions: () => this.#sessions(),
    };
    this.#dispatcher = new Dispatcher({ methods: methodsOf(this.#context), log });
    this.#net = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Listens. @throws SbError `server.running`, `usage.option`, `kernel.refused` */
  static async start(options: ServerOptions): Promise<Server> {
    using undo = new DisposableStack();
    const listening = undo.use(openListeningSocket(options.socket));
    const server = new Server(options, listening);
    const fd = listening.socket.release();
    await new Promise<void>((resolve, reject) => {
      server.#net.once("error", reject);
      server.#net.listen({ fd }, resolve);
    });
    server.#net.on("error", (error) => options.log.error("accept", { message: error.message }));
    undo.move();
    return server;
  }

  /** Ends the server: answers what was asked, undoes all sessions, waits until the breakpoints have left. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const { leases, engine, workers } = this.#context;
    using _ = this.#listening;
    this.#net.close();
    for (const client of [...this.#clients]) client.connection.end();
    await leases[Symbol.asyncDispose]();
    while (this.#closing.size > 0 || this.#clients.size > 0) {
      await Promise.race([...this.#closing, new Promise((resolve) => setTimeout(resolve, 5))]);
    }
    await engine[Symbol.asyncDispose]();
    await workers[Symbol.asyncDispose]();
  }

  *#sessions(): Iterable<ClientSession> {
    for (const { session } of this.#clients) yield session;
    yield* this.#context.leases.sessions();
  }

  #accept(socket: Socket): void {
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
      socket.on("error", () => {});
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
}
