/** A machine in memory: processes that fork and call functions, a clock that stands still but for what they do. */
import type { Random } from "./schedule.ts";
import { seededRandom } from "./schedule.ts";

/** What a call takes by itself, nanoseconds. */
const CALL_NS = 24;
const FIRST_PID = 1000;

/** What watches the machine: a session or a probe of the fake backend. */
export interface Watcher {
  forked(parent: number, child: number): void;
  exited(pid: number): void;
  /** A process executes a program. @param options.gains whether that gives it privilege or other ids */
  executed?(pid: number, options: { gains: boolean }): void;
  /** A process calls a function. Resolves when its probes let it go on; undefined when they have already. */
  called(pid: number, symbol: string): Promise<void> | undefined;
}

/** A delay that goes on because the machine's time is held. */
interface Flight {
  pid: number;
  watcher: Watcher;
  cut: () => void;
}

/** The machine. */
export class FakeMachine {
  /** Its clock, nanoseconds. */
  nowNs = 1e9;
  readonly random: Random = seededRandom(1);
  readonly #watchers = new Set<Watcher>();
  /** Each process, and its cgroup. */
  readonly #processes = new Map<number, string>();
  readonly #flights = new Set<Flight>();
  #nextPid = FIRST_PID;
  #isHeld = false;

  watch(watcher: Watcher): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => this.#watchers.delete(watcher) };
  }

  /** A process that descends from nobody. @param pid its id, where it must be that of a real process */
  start(pid: number = this.#nextPid++): number {
    this.#processes.set(pid, "/");
    return pid;
  }

  fork(parent: number): number {
    const child = this.start();
    this.#processes.set(child, this.cgroupOf(parent));
    for (const watcher of this.#watchers) watcher.forked(parent, child);
    return child;
  }

  exit(pid: number): void {
    if (!this.#processes.delete(pid)) return;
    for (const watcher of this.#watchers) watcher.exited(pid);
  }

  /** A process executes a program, which may give it privilege or other ids. */
  exec(pid: number, options: { gains: boolean } = { gains: false }): void {
    for (const watcher of this.#watchers) watcher.executed?.(pid, options);
  }

  /** Moves a process into a cgroup. */
  moveTo(pid: number, cgroup: string): void {
    this.#processes.set(pid, cgroup);
  }

  cgroupOf(pid: number): string {
    return this.#processes.get(pid) ?? "/";
  }

  isRunning(pid: number): boolean {
    return this.#processes.has(pid);
  }

  /** A process calls a function. */
  async call(pid: number, symbol: string): Promise<void> {
    this.nowNs += CALL_NS;
    for (const watcher of this.#watchers) {
      const waiting = watcher.called(pid, symbol);
      // Awaiting what is over would let other processes in.
      if (waiting) await waiting;
    }
  }

  /** The next delay goes on until it is cut. */
  hold(): void {
    this.#isHeld = true;
  }

  /** A delay of a process: over at once on the machine's clock, unless time is held. @returns whether it was cut */
  delay(pid: number, ns: number, watcher: Watcher): boolean | Promise<boolean> {
    if (!this.#isHeld) {
      this.nowNs += ns;
      return false;
    }
    this.#isHeld = false;
    return new Promise((resolve) => {
      const flight: Flight = {
        pid,
        watcher,
        cut: () => {
          this.#flights.delete(flight);
          resolve(true);
        },
      };
      this.#flights.add(flight);
    });
  }

  /** Cuts the delays of a watcher. */
  cutDelaysOf(watcher: Watcher): void {
    for (const flight of this.#flights) if (flight.watcher === watcher) flight.cut();
  }

  /** SIGKILL. */
  kill(pid: number): void {
    for (const flight of this.#flights) if (flight.pid === pid) flight.cut();
    this.exit(pid);
  }
}
