/** One connection: requests to lines, lines to answers and notifications. Answers may come in any order. */
import type { Socket } from "node:net";
import { LineSplitter } from "../wire/mod.ts";
import { ConnectionError, RpcError } from "./errors.ts";

/** A server's line may be longer than a client's: a thousand probes with their histograms. */
const ANSWER_BYTES = 268_435_456;

/** How long an end waits for the server to have undone the session. */
const END_MS = 1000;

/** What can be told of a request besides its name and its parameters. */
export interface RequestOptions {
  /** Its abortion gives the request up; the server may carry it out nevertheless. */
  signal?: AbortSignal;
  /** Called with the answer before any later line is looked at. */
  onAnswer?: (result: unknown) => void;
  /** Called with the answer to a request that was given up. */
  onLateAnswer?: (result: unknown) => void;
}

/** A request of a batch, or alone. */
export interface Request {
  method: string;
  params?: unknown;
}

interface Pending {
  settle: (answer: Answer) => void;
  fail: (error: unknown) => void;
}

interface Answer {
  id?: unknown;
  result?: unknown;
  error?: ConstructorParameters<typeof RpcError>[0];
}

interface Notification {
  method: string;
  params: unknown;
}

export class Connection {
  readonly #socket: Socket;
  readonly #notify: (notification: Notification) => void;
  readonly #splitter = new LineSplitter(ANSWER_BYTES);
  readonly #text = new TextDecoder();
  readonly #pending = new Map<number, Pending>();
  /** Lines of this turn: they leave together. */
  #unsent: string[] = [];
  #lastId = 0;
  /** Why nothing can be asked any more. */
  #end: ConnectionError | undefined;
  /** What the server said of the whole connection. */
  #complaint: RpcError | undefined;
  /** Settles when the connection has ended. */
  readonly closed: Promise<void>;

  /** @param notify called with each notification, in order */
  constructor(socket: Socket, notify: (notification: Notification) => void) {
    this.#socket = socket;
    this.#notify = notify;
    socket.on("data", (chunk) => this.#read(chunk));
    // What happened is told by "close", which follows.
    socket.on("error", (error) => this.#ended("the connection failed", error));
    this.closed = new Promise((resolve) =>
      socket.on("close", () => {
        this.#ended("the server ended the connection");
        resolve();
      })
    );
  }

  /** @throws RpcError, ConnectionError `server.gone`, the reason of `options.signal` */
  request(request: Request, options: RequestOptions = {}): Promise<unknown> {
    const { id, answer } = this.#expect(options);
    if (id !== undefined) this.#send(requestText(id, request));
    return answer;
  }

  /** Sends requests as one batch. @returns what became of each, in order */
  batch(
    requests: readonly Request[],
    { signal }: RequestOptions = {},
  ): Promise<PromiseSettledResult<unknown>[]> {
    const expected = requests.map(() => this.#expect({ signal }));
    const texts = expected.flatMap(({ id }, index) =>
      id === undefined ? [] : [requestText(id, requests[index])]
    );
    if (texts.length > 0) this.#send(`[${texts.join(",")}]`);
    return Promise.allSettled(expected.map(({ answer }) => answer));
  }

  /** Sends a request whose answer nobody needs. */
  tell({ method, params }: Request): void {
    if (!this.#end) this.#send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  /** Ends the connection. @returns when the server has done so too, or did not for a second */
  async close(): Promise<void> {
    this.#flush();
    this.#ended("the client was closed");
    this.#socket.end();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#socket.destroy();
        resolve();
      }, END_MS);
    });
    await Promise.race([this.closed, late]);
    clearTimeout(timer);
  }

  #expect({ signal, onAnswer, onLateAnswer }: RequestOptions): { id?: number; answer: Promise<unknown> } {
    if (signal?.aborted) return { answer: Promise.reject(signal.reason) };
    if (this.#end) return { answer: Promise.reject(this.#end) };
    const id = ++this.#lastId;
    const answer = new Promise((resolve, reject) => {
      let isGivenUp = false;
      const giveUp = () => {
        isGivenUp = true;
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      const done = (act: () => void) => {
        signal?.removeEventListener("abort", giveUp);
        act();
      };
      this.#pending.set(id, {
        settle: ({ result, error }) =>
          done(() => {
            if (error) return reject(new RpcError(error));
            if (isGivenUp) return onLateAnswer?.(result);
            onAnswer?.(result);
            resolve(result);
          }),
        fail: (error) => done(() => reject(error)),
      });
    });
    return { id, answer };
  }

  #send(line: string): void {
    if (this.#unsent.push(line) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (this.#unsent.length === 0) return;
    const text = `${this.#unsent.join("\n")}\n`;
    this.#unsent = [];
    if (!this.#end) this.#socket.write(text);
  }

  #read(chunk: Uint8Array): void {
    for (const line of this.#splitter.push(chunk)) {
      let message: unknown;
      try {
        message = JSON.parse(this.#text.decode(line));
      } catch (error) {
        return this.#giveUp("the server sent a line that is no JSON", error);
      }
      if (Array.isArray(message)) message.forEach((answer) => this.#take(answer));
      else this.#take(message as Answer | Notification);
    }
    if (this.#splitter.isOverlong) this.#giveUp(`the server sent a line of more than ${ANSWER_BYTES} bytes`);
  }

  #take(message: Answer | Notification): void {
    if ("method" in message) return this.#notify(message);
    const { id, error } = message;
    const pending = this.#pending.get(id as number);
    if (pending) {
      this.#pending.delete(id as number);
      pending.settle(message);
    } else if (id === null && error) this.#complaint = new RpcError(error);
  }

  #giveUp(why: string, cause?: unknown): void {
    this.#ended(why, cause);
    this.#socket.destroy();
  }

  #ended(why: string, cause: unknown = this.#complaint): void {
    if (this.#end === undefined) {
      const told = this.#complaint ? ` (${this.#complaint.message})` : "";
      this.#end = new ConnectionError("server.gone", `Cannot ask the server: ${why}${told}`, { cause });
    }
    for (const { fail } of this.#pending.values()) fail(this.#end);
    this.#pending.clear();
  }
}

function requestText(id: number, { method, params }: Request): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}
