/** The program that the conformance suite slows: what it can be told to do, and the real one. */
import type { BackendSession, ProbePlan, ProbeRequest } from "../../src/probe/mod.ts";
import { planProbes } from "../../src/session/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { LineProcess } from "../line_process.ts";

/** A program that waits for orders. Every function is called once a call, `count` times. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** @returns what the program's own clock says, nanoseconds */
  calls(place: string, count: number): Promise<number>;
  /** Starts calls. @returns once the first is in a delay; `over` resolves at the end of all, or of the program */
  callsInDelay(place: string, count: number): Promise<{ over: Promise<void> }>;
  threads(threads: number, place: string, count: number): Promise<void>;
  /** A chain of processes, each the parent of the next. */
  forks(depth: number, place: string, count: number): Promise<void>;
  /** A process that is orphaned and has a session of its own. */
  daemon(place: string, count: number): Promise<void>;
  vfork(place: string, count: number): Promise<void>;
  /** A child in a session of its own that executes a program. */
  spawn(place: string, count: number): Promise<void>;
  /** Executes itself again. */
  exec(): Promise<void>;
  /** Stays on one processor from now on; nothing where there is none. */
  stayOn(processor: number): Promise<void>;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
  /** CPU time so far, nanoseconds; null where it has none. */
  cpuNs(): number | null;
}

/** What a backend is like where backends may differ. */
export interface Traits {
  /** A process out of the tree, when executions must be told apart by the backend: it traps, or has no breakpoint. */
  outOfScope: "counted" | "untouched";
  /** Whether delays can give the CPU up. */
  sleeps: boolean;
  /** How many probes a session may have here. */
  maxProbes: number;
}

/** A backend, and programs for it. */
export interface Stage {
  readonly traits: Traits;
  start(): Promise<Program>;
  open(plans: readonly ProbePlan[], options: { filter: boolean; repeats?: boolean }): BackendSession;
}

/** The file that programs of every stage execute. */
export function programFile(): string {
  return fixture("bench_target");
}

/** Plans for the program. */
export function planFor(requests: readonly ProbeRequest[], options = { trampoline: false }): ProbePlan[] {
  return planProbes(requests, options).probes;
}

function statFields(pid: number): string[] {
  return Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
}

/** CPU time of a process, its threads included, in ticks of 10 ms. */
function cpuTicks(pid: number): number {
  const fields = statFields(pid);
  return Number(fields[11]) + Number(fields[12]);
}

/** `bench_target wait`. */
export class RealProgram implements Program {
  readonly #process: LineProcess;

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  static async start(file: string = programFile()): Promise<RealProgram> {
    const process = new LineProcess(file, ["wait"]);
    await process.readLine();
    return new RealProgram(process);
  }

  get pid(): number {
    return this.#process.pid;
  }

  async calls(place: string, count: number): Promise<number> {
    const [{ wall_ns }] = await this.#process.send(`calls ${place} ${count}`) as { wall_ns: number }[];
    return wall_ns;
  }

  /**
   * A delay that spins uses the CPU, one that sleeps is not to be interrupted (D); waiting for orders is neither. On a busy
   * machine the way to the delay takes CPU time too.
   */
  async callsInDelay(place: string, count: number): Promise<{ over: Promise<void> }> {
    const before = cpuTicks(this.pid);
    const over = this.#process.send(`calls ${place} ${count}`).then(() => {}, () => {});
    for (;;) {
      if (cpuTicks(this.pid) - before >= 20 || statFields(this.pid)[0] === "D") return { over };
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async threads(threads: number, place: string, count: number): Promise<void> {
    await this.#process.send(`threads ${threads} ${place} ${count}`);
  }

  async forks(depth: number, place: string, count: number): Promise<void> {
    await this.#process.send(`fork ${depth} ${place} ${count}`);
  }

  async daemon(place: string, count: number): Promise<void> {
    await this.#process.send(`daemon ${place} ${count}`);
  }

  async vfork(place: string, count: number): Promise<void> {
    await this.#process.send(`vfork ${place} ${count}`);
  }

  async spawn(place: string, count: number): Promise<void> {
    await this.#process.send(`spawn ${place} ${count}`);
  }

  async exec(): Promise<void> {
    await this.#process.write("exec");
    await this.#process.readLine();
  }

  async stayOn(processor: number): Promise<void> {
    const { success } = await new Deno.Command("taskset", {
      args: ["--cpu-list", "--pid", String(processor), String(this.pid)],
      stdout: "null",
    }).output();
    if (!success) throw new Error(`Cannot keep ${this.pid} on processor ${processor}`);
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.ended;
  }

  cpuNs(): number {
    return cpuTicks(this.pid) * 10_000_000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
