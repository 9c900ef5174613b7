/** `sb serve` as a process of a test's own, at a socket in a folder of its own. */

const SB = new URL("../../scripts/sb", import.meta.url).pathname;

/** How the server is started. */
export interface ServerProcessOptions {
  args?: string[];
  env?: Record<string, string>;
  /** The folder of the socket; one of its own by default. */
  folder?: string;
}

/** A server. Disposing ends it by SIGTERM, waits for its end and takes its folder away. */
export class ServerProcess implements AsyncDisposable {
  readonly socket: string;
  readonly #process: Deno.ChildProcess;
  readonly #folder: string | undefined;
  readonly #log: Promise<void>;
  #events: Record<string, unknown>[] = [];
  #changed = Promise.withResolvers<void>();

  private constructor({ args = [], env = {}, folder }: ServerProcessOptions) {
    this.#folder = folder === undefined ? Deno.makeTempDirSync({ prefix: "sb-server-" }) : undefined;
    this.socket = `${folder ?? this.#folder}/sb.sock`;
    this.#process = new Deno.Command(SB, {
      args: ["serve", "--log", "json", "--socket", this.socket, ...args],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#log = this.#readLog();
  }

  /** Starts one, and waits until it listens. */
  static async start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    await server.event("server.ready");
    return server;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What it logged so far. */
  get events(): readonly Record<string, unknown>[] {
    return this.#events;
  }

  /** Waits for an event of that name, of which there may have been some already. */
  async event(
    name: string,
    fits: (event: Record<string, unknown>) => boolean = () => true,
  ): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.#events.find((event) => event.event === name && fits(event));
      if (found !== undefined) return found;
      if (this.#events.some((event) => event.event === "end")) {
        throw new Error(`the server ended without ${name}: ${JSON.stringify(this.#events)}`);
      }
      await this.#changed.promise;
    }
  }

  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Resolves with its exit status when it has ended. */
  async ended(): Promise<number> {
    const { code } = await this.#process.status;
    await this.#log;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch { /* it has ended */ }
    await this.ended();
    if (this.#folder !== undefined) Deno.removeSync(this.#folder, { recursive: true });
  }

  async #readLog(): Promise<void> {
    let rest = "";
    for await (const chunk of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(line);
    }
    this.#take(JSON.stringify({ event: "end", rest }));
  }

  #take(line: string): void {
    try {
      this.#events.push(JSON.parse(line));
    } catch {
      this.#events.push({ event: "text", line });
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
