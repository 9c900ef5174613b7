/** The program under measurement, obeying lines, and probes on its functions. */
import { type BackendSession, type Delay, openEbpfSession, type ProbeRequest } from "../../src/probe/mod.ts";
import { planProbes } from "../../src/session/mod.ts";
import { fixture } from "../fixtures/build.ts";

/** What `bench` prints. */
export interface CallTimes {
  p50_ns: number;
  mean_ns: number;
  min_ns: number;
  p99_ns: number;
}

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

  /** Sends a line and returns what was printed, but for the last line, which says that it is done. */
  async send(line: string): Promise<unknown[]> {
    await this.#writer.write(new TextEncoder().encode(line + "\n"));
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

/** `bench_target wait`, on one CPU. */
export class BenchTarget extends LineProcess {
  /** Starts the program and waits until it obeys. */
  static async start(cpu = 1): Promise<BenchTarget> {
    const target = new BenchTarget("taskset", ["-c", String(cpu), fixture("bench_target"), "wait"]);
    await target.readLine();
    return target;
  }

  /** Times `count` calls of a function. */
  async bench(name: string, count: number, warmup = 200): Promise<CallTimes> {
    return (await this.send(`bench ${name} ${count} ${warmup}`))[0] as CallTimes;
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

/** A probe with a fixed delay, every hit, compensated. @param ns 0 counts only */
export function request(target: string, ns: number, delay: Delay = { kind: "fixed", ns }): ProbeRequest {
  return {
    target,
    spec: {
      delayText: `${ns}ns`,
      delay,
      schedule: { every: 1, probability: 1, times: null, startNs: 0, durationNs: null },
      how: "spin",
      compensate: true,
    },
  };
}

/** Puts probes in place, for everybody who runs the file or, with `filter`, for the tree that is entered later. */
export function openProbes(requests: readonly ProbeRequest[], filter = false): BackendSession {
  const plan = planProbes(requests, { trampoline: false });
  const session = openEbpfSession(plan.probes, { filter, windowsStart: "now" });
  session.attach(new Map());
  return session;
}
