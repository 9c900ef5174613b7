/** The conformance suite's program on the machine in memory. */
import { FakeMachine } from "../../src/probe/fake/machine.ts";
import { openFakePool } from "../../src/probe/fake/pool.ts";
import { openFakeSession } from "../../src/probe/fake/session.ts";
import type { PoolStage, PoolTraits } from "./pool_rig.ts";
import { type Program, programFile, type Stage } from "./program.ts";

class SimulatedProgram implements Program {
  readonly pid: number;
  readonly #machine: FakeMachine;
  readonly #gains: boolean;

  /** @param options.gains whether its execs change its ids */
  constructor(machine: FakeMachine, { gains }: { gains: boolean } = { gains: false }) {
    this.#machine = machine;
    this.#gains = gains;
    this.pid = machine.start();
  }

  async calls(place: string, count: number): Promise<number> {
    const started = this.#machine.nowNs;
    await this.#call(this.pid, place, count);
    return this.#machine.nowNs - started;
  }

  callsInDelay(place: string, count: number): Promise<{ over: Promise<void> }> {
    this.#machine.hold();
    return Promise.resolve({ over: this.#call(this.pid, place, count) });
  }

  async threads(threads: number, place: string, count: number): Promise<void> {
    await Promise.all(Array.from({ length: threads }, () => this.#call(this.pid, place, count)));
  }

  async forks(depth: number, place: string, count: number, parent = this.pid): Promise<void> {
    if (depth === 0) return;
    const child = this.#machine.fork(parent);
    await this.#call(child, place, count);
    await this.forks(depth - 1, place, count, child);
    this.#machine.exit(child);
  }

  async daemon(place: string, count: number): Promise<void> {
    const child = this.#machine.fork(this.pid);
    const grandchild = this.#machine.fork(child);
    this.#machine.exit(child);
    await this.#call(grandchild, place, count);
    this.#machine.exit(grandchild);
  }

  vfork(place: string, count: number): Promise<void> {
    return this.forks(1, place, count);
  }

  spawn(place: string, count: number): Promise<void> {
    return this.forks(1, place, count);
  }

  stayOn(): Promise<void> {
    return Promise.resolve();
  }

  exec(): Promise<void> {
    this.#machine.exec(this.pid, { gains: this.#gains });
    return Promise.resolve();
  }

  kill(): Promise<void> {
    this.#machine.kill(this.pid);
    return Promise.resolve();
  }

  cpuNs(): null {
    return null;
  }

  async #call(pid: number, place: string, count: number): Promise<void> {
    for (let call = 0; call < count && this.#machine.isRunning(pid); call++) {
      await this.#machine.call(pid, place);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#machine.exit(this.pid);
    return Promise.resolve();
  }
}

/** A machine of its own with the fake backend. */
export function simulatedStage(): Stage {
  const machine = new FakeMachine();
  return {
    traits: { outOfScope: "counted", sleeps: true, maxProbes: Infinity },
    start: () => Promise.resolve(new SimulatedProgram(machine)),
    open: (plans, options) => openFakeSession(machine, plans, { ...options, windowsStart: "now" }),
  };
}

/** A machine of its own with the fake pool. */
export function simulatedPoolStage(isolation: PoolTraits["isolation"]): PoolStage {
  const machine = new FakeMachine();
  return {
    traits: {
      isolation,
      outOfScope: isolation === "shared" ? "counted" : "untouched",
      childrenAreExact: true,
      sleeps: true,
      waitsOnProcessor: false,
      cgroups: isolation === "shared",
      everyProcess: isolation === "shared",
      guards: true,
    },
    start: () => Promise.resolve(new SimulatedProgram(machine)),
    startSetuid: () => {
      const program = new SimulatedProgram(machine, { gains: true });
      const file = programFile();
      return Promise.resolve({ program, file, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() });
    },
    openCgroup: () =>
      Promise.resolve({
        path: "/test",
        enter: ({ pid }) => Promise.resolve(machine.moveTo(pid, "/test/below")),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    openPool: () => openFakePool(machine),
  };
}
