/** A client that sends what a test writes, byte for byte, and reads lines. */

/** A message from the server. */
// deno-lint-ignore no-explicit-any -- tests look into answers of every kind
export type Line = any;

/** The bytes of a connection. */
interface Transport extends Disposable {
  read(chunk: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  endInput(): Promise<void>;
}

/** Copies between its own streams and a socket: a client with other rights than the test. */
const BRIDGE = `
import os, socket, sys, threading
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
def send():
    while data := os.read(0, 65536):
        s.sendall(data)
    s.shutdown(socket.SHUT_WR)
threading.Thread(target=send, daemon=True).start()
while data := s.recv(65536):
    os.write(1, data)
`;

/** A process that bridges. Disposing kills it, as nobody asks a client before it dies. */
function bridge(path: string, setpriv: string[]): { transport: Transport; process: Deno.ChildProcess } {
  const process = new Deno.Command("setpriv", {
    args: [...setpriv, "/usr/bin/python3", "-c", BRIDGE, path],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = process.stdin.getWriter();
  const reader = process.stdout.getReader({ mode: "byob" });
  const transport: Transport = {
    async read(chunk) {
      const { value } = await reader.read(new Uint8Array(chunk.length));
      if (value === undefined || value.length === 0) return null;
      chunk.set(value);
      return value.length;
    },
    async write(bytes) {
      await writer.write(bytes);
      return bytes.length;
    },
    endInput: () => writer.close(),
    [Symbol.dispose]() {
      try {
        process.kill("SIGKILL");
      } catch { /* it has ended with the connection */ }
      writer.abort().catch(() => {});
      reader.cancel().catch(() => {});
    },
  };
  return { transport, process };
}

/** A connection. */
export class LineClient implements Disposable {
  /** Notifications that came between answers. */
  readonly notifications: Line[] = [];
  readonly #transport: Transport;
  /** The process that is the client, where it is not the test itself. */
  readonly process: Deno.ChildProcess | undefined;
  #rest = new Uint8Array(0);
  #last = 0;

  private constructor(transport: Transport, process?: Deno.ChildProcess) {
    this.#transport = transport;
    this.process = process;
  }

  static async connect(path: string): Promise<LineClient> {
    const connection = await Deno.connect({ transport: "unix", path });
    return new LineClient({
      read: (chunk) => connection.read(chunk),
      write: (bytes) => connection.write(bytes),
      endInput: () => connection.closeWrite(),
      [Symbol.dispose]: () => connection.close(),
    });
  }

  /** Connects from another process. @param setpriv options of setpriv(1): whose it is */
  static connectBy(path: string, setpriv: string[] = []): LineClient {
    const { transport, process } = bridge(path, setpriv);
    return new LineClient(transport, process);
  }

  /** Connects as a user who has nothing, neither groups nor capabilities. */
  static connectAs(path: string, uid: number): LineClient {
    return LineClient.connectBy(path, [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"]);
  }

  /** Sends all of it. */
  async send(what: string | Uint8Array): Promise<void> {
    let bytes = typeof what === "string" ? new TextEncoder().encode(what) : what;
    while (bytes.length > 0) bytes = bytes.subarray(await this.#transport.write(bytes));
  }

  /** The next line; undefined when the server ended the connection. */
  async next(): Promise<Line | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const line = this.#rest.subarray(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return JSON.parse(new TextDecoder().decode(line));
      }
      const chunk = new Uint8Array(65_536);
      let read: number | null;
      try {
        read = await this.#transport.read(chunk);
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
        read = null;
      }
      if (read === null) return undefined;
      const joined = new Uint8Array(this.#rest.length + read);
      joined.set(this.#rest);
      joined.set(chunk.subarray(0, read), this.#rest.length);
      this.#rest = joined;
    }
  }

  /** Calls a method. @returns the answer, `{result}` or `{error}` and what else there is of it */
  async ask(method: string, params?: unknown): Promise<Line> {
    const id = ++this.#last;
    await this.send(
      JSON.stringify({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) }) + "\n",
    );
    for (;;) {
      const line = await this.next();
      if (line === undefined) {
        throw new Error(`the server ended the connection instead of answering ${method}`);
      }
      if (line.id === id) return line;
      this.notifications.push(line);
    }
  }

  /** Calls a method that must succeed. @returns its result */
  async call(method: string, params?: unknown): Promise<Line> {
    const { result, error } = await this.ask(method, params);
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Waits for a notification. */
  async notification(method: string): Promise<Line> {
    for (;;) {
      const at = this.notifications.findIndex((line) => line.method === method);
      if (at >= 0) return this.notifications.splice(at, 1)[0].params;
      const line = await this.next();
      if (line === undefined) throw new Error(`the server ended the connection without ${method}`);
      this.notifications.push(line);
    }
  }

  /** Ends the own side only. */
  endInput(): Promise<void> {
    return this.#transport.endInput();
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}
