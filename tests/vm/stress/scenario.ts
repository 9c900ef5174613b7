/** What stress scenarios have in common: their shape, the module's coming and going, processes that hammer. */
import { cString, errnoText, OpenFlags, OwnedFd, systemCall } from "../../../ffi/mod.ts";
import { LineProcess } from "../../line_process.ts";
import { armedAt, offsetOf } from "../program.ts";

/** Something that is done over and over, and must leave the kernel without a complaint. */
export interface Scenario {
  name: string;
  /** Why it cannot run here; undefined when it can. */
  lacking?(): string | undefined;
  /** Whether it has functions of the kernel patched that every processor is in: for QEMU in one thread, and scripts/stress alone. */
  patches?: boolean;
  /** Makes what all rounds share; the module is loaded. */
  start(): Promise<Rounds>;
}

/** A scenario in progress. */
export interface Rounds extends AsyncDisposable {
  /** @throws when something else than a complaint of the kernel is wrong */
  round(index: number): Promise<void>;
}

/** The folder of a module that is loaded. */
const LOADED = "/sys/module/speed_bump";
const AT_FDCWD = -100;
const O_NONBLOCK = 0o4000;
/** Of processes that never rest, so that the rounds get on beside them. */
const NICE = "15";

function must(what: string, result: number): number {
  if (result < 0) throw new Error(`${what}: ${errnoText(-result)}`);
  return result;
}

export function isLoaded(): boolean {
  try {
    return Deno.statSync(LOADED).isDirectory;
  } catch {
    return false;
  }
}

/** Loads the module under test ($SB_MODULE), unless it is there. */
export function load(): void {
  if (isLoaded()) return;
  const path = Deno.env.get("SB_MODULE") ?? "";
  using file = new OwnedFd(
    must(path, systemCall("openat", AT_FDCWD, cString(path), OpenFlags.cloexec, 0)),
    path,
  );
  must("load", systemCall("finit_module", file.fd, cString(""), 0));
}

export function unload(): void {
  must("unload", systemCall("delete_module", cString("speed_bump"), O_NONBLOCK));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Milliseconds between two bounds, another with each index, the same in every run. */
export function vary(index: number, low: number, high: number): number {
  return low + (index * 7919) % (high - low + 1);
}

/** `hammer THREADS FN…`: calls functions without a pause until it is disposed of. */
export class Hammer implements AsyncDisposable {
  readonly path: string;
  readonly #process: LineProcess;
  /** Where its functions are in the file. */
  readonly #offsets: readonly number[];

  private constructor(path: string, names: readonly string[], process: LineProcess) {
    this.path = path;
    this.#process = process;
    this.#offsets = names.map((name) => offsetOf(path, name));
  }

  static async start(path: string, threads: number, ...names: string[]): Promise<Hammer> {
    const process = new LineProcess("nice", ["-n", NICE, path, String(threads), ...names]);
    await process.readLine();
    return new Hammer(path, names, process);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** @throws when it has ended: nothing but a kill ends it */
  mustLive(): void {
    if (!/^State:\t[RSD]/m.test(Deno.readTextFileSync(`/proc/${this.pid}/status`))) {
      throw new Error(`process ${this.pid} has ended`);
    }
  }

  /** @throws when a breakpoint is in its memory, or when it has ended */
  mustBeClean(): void {
    this.mustLive();
    const left = this.#offsets.filter((offset) => armedAt(this.pid, this.path, offset) !== "code");
    if (left.length > 0) throw new Error(`process ${this.pid} has breakpoints at ${left.join(" ")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.#process[Symbol.asyncDispose]();
  }
}
