/** The server: it listens, and takes up its service when the first client connects. */
import { createServer, type Server as NetServer, type Socket } from "node:net";
import type { BackendRequest } from "../../mod.ts";
import { type ListeningSocket, openListeningSocket } from "./listen.ts";
import type { Log } from "./log.ts";
import type { Limits } from "./quota.ts";
import type { Service } from "./service.ts";

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

/** A running server. Disposing ends it; it settles when no breakpoint is left. */
export class Server implements AsyncDisposable {
  /** Where clients connect; null where a service manager knows. */
  readonly path: string | null;
  readonly #options: ServerOptions;
  readonly #listening: ListeningSocket;
  readonly #net: NetServer;
  #loading: Promise<Service> | undefined;
  #service: Service | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: ServerOptions, listening: ListeningSocket) {
    this.#options = options;
    this.#listening = listening;
    this.path = listening.path;
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
    using _ = this.#listening;
    this.#net.close();
    await (await this.#loading)?.[Symbol.asyncDispose]();
  }

  #accept(socket: Socket): void {
    // What befalls a connection is told by its end.
    socket.on("error", () => {});
    if (this.#service !== undefined) this.#service.accept(socket);
    else this.#load().then((service) => service.accept(socket));
  }

  /** A server that nobody asks has no need of the rest: it is a tenth of its memory. */
  #load(): Promise<Service> {
    return this.#loading ??= import("./service.ts").then(({ Service }) =>
      this.#service = new Service(this.#options)
    );
  }
}
