/** One worker: a process with the ids of a user, asked one thing at a time, killed when it takes too long. */
import { SbError } from "../../src/core/mod.ts";
import { openProcess, type ProcessHandle } from "../../src/sys/mod.ts";
import { READY, WORKER_ARGUMENT, type WorkerAnswer } from "../worker/mod.ts";
import type { Log } from "./log.ts";
import { REQUEST_MS, WorkerClock } from "./worker_clock.ts";

/** Starting takes longer than a request: modules are read, on a machine that may be busy. */
const START_MS = 20_000;
/** So long is an idle worker given to end. */
const RETIRE_MS = 1000;
/** No answer is longer: 10,000 symbols or plans are some 10 MiB. */
const ANSWER_BYTES = 64 * 2 ** 20;

/** The ids of a user. */
export interface WorkerUser {
  uid: number;
  gid: number;
  groups: readonly number[];
}

/** How a worker is started. */
export interface WorkerProcessOptions {
  /** What starts sb, but for its arguments. */
  command: readonly string[];
  user: WorkerUser;
  log: Log;
  /** Is told of its end, with what it was not asked any more. */
  ended: (left: WorkerJob[]) => void;
}

/** A request and who waits for its answer. */
export interface WorkerJob {
  line: string;
  /** What was asked, for errors: `read "libc.so.6:malloc"`. */
  what: string;
  /** Takes the answer while the worker waits, so that descriptors it names stay what they are. */
  take: (answer: WorkerAnswer, process: ProcessHandle) => void;
  fail: (error: SbError) => void;
}

/** Variables that the run time needs to find itself. */
const ENVIRONMENT = ["PATH", "HOME", "XDG_CACHE_HOME", "DENO_DIR", "LD_LIBRARY_PATH"];

function environment(): Record<string, string> {
  const kept: Record<string, string> = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  for (const name of ENVIRONMENT) {
    const value = Deno.env.get(name);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** A worker's process. */
export class WorkerProcess {
  readonly user: WorkerUser;
  readonly #child: Deno.ChildProcess;
  readonly #process: ProcessHandle;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #options: WorkerProcessOptions;
  readonly #ended: Promise<void>;
  readonly #jobs: WorkerJob[] = [];
  #current: WorkerJob | undefined;
  #isReady = false;
  #isRetired = false;
  readonly #clock: WorkerClock;
  /** Why it was killed. */
  #fault: "timeout" | "answer" | undefined;

  /** Starts it. */
  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    this.user = options.user;
    const { uid, gid, groups } = options.user;
    const [program, ...args] = options.command;
    this.#child = new Deno.Command(program, {
      args: [...args, `${WORKER_ARGUMENT}=${uid}:${gid}:${groups.join(",")}`],
      clearEnv: true,
      env: environment(),
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      // A terminal's Ctrl-C is for the server, which ends its workers when it has answered.
      detached: true,
    }).spawn();
    // Nobody has waited for it yet: the id is still its own.
    const process = openProcess(this.#child.pid);
    if (process === null) throw new SbError("internal", "Cannot hold a worker: it has no process");
    this.#process = process;
    this.#input = this.#child.stdin.getWriter();
    this.#clock = new WorkerClock(process.pid, () => {
      this.#fault = "timeout";
      this.#kill();
    });
    this.#clock.start(START_MS);
    this.#ended = this.#live();
    options.log.info("worker.started", { uid, gid, pid: process.pid });
  }

  /** Whether it has nothing to do. */
  get isIdle(): boolean {
    return this.#current === undefined && this.#jobs.length === 0;
  }

  /** What waits, the request that it is busy with included. */
  get waiting(): number {
    return this.#jobs.length + (this.#current ? 1 : 0);
  }

  /** Asks it, after what it was asked before. */
  ask(job: WorkerJob): void {
    this.#jobs.push(job);
    this.#next();
  }

  /** Lets it end: it takes nothing on any more. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#input.close().catch(() => {});
    this.#clock.start(RETIRE_MS);
  }

  /** Ends it. Settles when it has ended. */
  async end(): Promise<void> {
    this.#isRetired = true;
    this.#kill();
    await this.#ended;
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  #next(): void {
    if (!this.#isReady || this.#isRetired || this.#current !== undefined) return;
    const job = this.#jobs.shift();
    if (job === undefined) return;
    this.#current = job;
    this.#clock.startRequest();
    // A worker that ends meanwhile is noticed by its end.
    this.#input.write(new TextEncoder().encode(job.line + "\n")).catch(() => {});
  }

  #take(line: string): void {
    this.#clock.stop();
    if (!this.#isReady) {
      if (line === READY) this.#isReady = true;
      else this.#options.log.error("worker.failed", { uid: this.user.uid, why: line.slice(0, 1000) });
    } else {
      const job = this.#current;
      if (job === undefined) throw new Error("it was not asked");
      const answer = JSON.parse(line) as WorkerAnswer;
      this.#current = undefined;
      job.take(answer, this.#process);
      if (answer.spent === true) this.retire();
    }
    this.#next();
  }

  async #live(): Promise<void> {
    try {
      await this.#readAnswers();
    } catch {
      this.#fault ??= "answer";
      this.#kill();
    }
    await this.#child.status;
    this.#clock.stop();
    await this.#input.abort().catch(() => {});
    this.#process[Symbol.dispose]();
    const { log, ended } = this.#options;
    const { uid } = this.user;
    const why = this.#fault ?? (this.#isRetired ? "retired" : "crashed");
    const facts = { uid, pid: this.#child.pid, why, request: this.#current?.what };
    if (why === "retired") log.info("worker.ended", facts);
    else log.warn("worker.ended", facts);
    this.#isRetired = true;
    const left = this.#jobs.splice(0);
    this.#current?.fail(this.#faultOf(this.#current));
    // One that cannot even start would do so for ever.
    if (!this.#isReady) { for (const job of left.splice(0)) job.fail(this.#faultOf(job)); }
    ended(left);
  }

  async #readAnswers(): Promise<void> {
    const decoder = new TextDecoder();
    let pieces: string[] = [];
    let length = 0;
    for await (const chunk of this.#child.stdout) {
      const text = decoder.decode(chunk, { stream: true });
      const lines = text.split("\n");
      for (const [index, part] of lines.entries()) {
        pieces.push(part);
        length += part.length;
        if (length > ANSWER_BYTES) throw new Error("it does not come to an end");
        if (index === lines.length - 1) break;
        const line = pieces.join("");
        pieces = [];
        length = 0;
        this.#take(line);
      }
    }
  }

  #faultOf({ what }: WorkerJob): SbError {
    const { uid } = this.user;
    if (this.#fault === "timeout" && this.#isReady) {
      return new SbError(
        "file.timeout",
        `Cannot ${what}: the worker with the rights of user ${uid} took longer than a second`,
        {
          hint: "Name a smaller file, or one function instead of a pattern",
          data: { limit_ns: REQUEST_MS * 1e6 },
        },
      );
    }
    return new SbError(
      "file.parser",
      `Cannot ${what}: the process that does so with the rights of user ${uid} ${
        this.#isReady ? "ended" : "could not be started"
      }`,
      { hint: "See the server's log; if the file is sound, report this as a bug" },
    );
  }
}
