/** A process that is spoken to in lines, for tests and benchmarks. */

/** A process that is sent lines and answers with JSON lines, the last of which says `done`. */
export class LineProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  constructor(command: string, args: string[]) {
    this.#process = new Deno.Command(command, { args, stdin: "piped", stdout: "piped" }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TransformStream<string, string>(new LineSplitter()),
    ).getReader();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves when it has ended. */
  get ended(): Promise<unknown> {
    return this.#process.status;
  }

  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** The next line, or undefined at the end. */
  async readLine(): Promise<unknown> {
    const { value, done } = await this.#lines.read();
    return done ? undefined : JSON.parse(value);
  }

  /** Sends a line and waits for nothing. */
  async write(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(line + "\n"));
  }

  /** Sends a line and returns what was printed, but for the last line, which says that it is done. */
  async send(line: string): Promise<unknown[]> {
    await this.write(line);
    const answers: unknown[] = [];
    for (;;) {
      const answer = await this.readLine();
      if (answer === undefined || "done" in (answer as object)) return answers;
      answers.push(answer);
    }
  }

  /** Closes its input, which ends it, and waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#process.status;
    await this.#lines.cancel();
  }
}

/** Text chunks to lines. */
class LineSplitter implements Transformer<string, string> {
  #rest = "";

  transform(chunk: string, controller: TransformStreamDefaultController<string>): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() as string;
    for (const line of lines) controller.enqueue(line);
  }
}
