/** A client that sends what a test writes, byte for byte, and reads lines. */

/** A message from the server. */
// deno-lint-ignore no-explicit-any -- tests look into answers of every kind
export type Line = any;

/** A connection. */
export class LineClient implements Disposable {
  /** Notifications that came between answers. */
  readonly notifications: Line[] = [];
  readonly #connection: Deno.UnixConn;
  #rest = new Uint8Array(0);
  #last = 0;

  private constructor(connection: Deno.UnixConn) {
    this.#connection = connection;
  }

  static async connect(path: string): Promise<LineClient> {
    return new LineClient(await Deno.connect({ transport: "unix", path }));
  }

  /** Sends all of it. */
  async send(what: string | Uint8Array): Promise<void> {
    let bytes = typeof what === "string" ? new TextEncoder().encode(what) : what;
    while (bytes.length > 0) bytes = bytes.subarray(await this.#connection.write(bytes));
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
        read = await this.#connection.read(chunk);
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
    return this.#connection.closeWrite();
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
