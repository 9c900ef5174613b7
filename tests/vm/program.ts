/** Programs that the module's tests probe, each from a copy of its own on tmpfs, and the breakpoints in them. */
import { fixture, type FixtureName } from "../fixtures/build.ts";
import { LineProcess } from "../line_process.ts";
import { ElfBytes } from "./elf_bytes.ts";

/** int3 */
export const BREAKPOINT = 0xcc;

/** A folder on tmpfs that goes away with the test. */
export class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "module-" });

  /** A copy of a fixture. @returns its path */
  copy(name: FixtureName, as: string = name): string {
    const path = `${this.path}/${as}`;
    Deno.copyFileSync(fixture(name), path);
    Deno.chmodSync(path, 0o755);
    return path;
  }

  /** Writes a file that can be executed. @returns its path */
  write(name: string, content: string | Uint8Array): string {
    const path = `${this.path}/${name}`;
    Deno.writeFileSync(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    Deno.chmodSync(path, 0o755);
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** What a call of functions prints. */
export interface Called {
  pid: number;
  wall_ns: number;
}

/** A program that obeys lines: `bench_target wait` or `family`. */
export class Program implements AsyncDisposable {
  readonly path: string;
  readonly #process: LineProcess;
  readonly #kept: number[] = [];

  private constructor(path: string, process: LineProcess) {
    this.path = path;
    this.#process = process;
  }

  static async start(path: string): Promise<Program> {
    const process = new LineProcess(path, ["wait"]);
    await process.readLine();
    return new Program(path, process);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Sends a line. @returns what was called */
  async send(line: string): Promise<Called[]> {
    return await this.#process.send(line) as Called[];
  }

  /** Sends a line that calls in one process. @returns how long the calls took, nanoseconds */
  async time(line: string): Promise<number> {
    const [{ wall_ns }] = await this.send(line);
    return wall_ns;
  }

  /** Of `family`: makes a relative that calls hot() for ever. @returns its process id */
  async keep(how: string): Promise<number> {
    const [{ pid }] = await this.send(`keep ${how} 0`);
    this.#kept.push(pid);
    return pid;
  }

  kill(signal: Deno.Signal = "SIGKILL"): void {
    this.#process.kill(signal);
  }

  get ended(): Promise<unknown> {
    return this.#process.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#kept) endProcess(pid);
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Kills a process, if it is still there. */
export function endProcess(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch { /* it has ended */ }
}

/** What a process has in memory at a place of a file. */
export type Armed = "breakpoint" | "code" | "unmapped";

/** The file offset of a symbol. */
export function offsetOf(path: string, symbol: string): number {
  return ElfBytes.read(path).fileOffset(symbol);
}

/** Looks at a process's memory: whether a breakpoint sits there. */
export function armed(pid: number, path: string, symbol: string): Armed {
  return armedAt(pid, path, offsetOf(path, symbol));
}

/** The same for a file offset. */
export function armedAt(pid: number, path: string, offset: number): Armed {
  const byte = readMapped(pid, path, { offset, size: 1 });
  return byte === undefined ? "unmapped" : byte[0] === BREAKPOINT ? "breakpoint" : "code";
}

/** What a process has in memory where a part of a file is mapped; undefined when it is not. */
export function readMapped(
  pid: number,
  path: string,
  { offset, size }: { offset: number; size: number },
): Uint8Array | undefined {
  for (const line of Deno.readTextFileSync(`/proc/${pid}/maps`).trim().split("\n")) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ \d+ +(.*?)(?: \(deleted\))?$/.exec(line);
    if (!match || match[4] !== path) continue;
    const [start, end, skipped] = match.slice(1, 4).map((text) => parseInt(text, 16));
    if (offset < skipped || offset + size > skipped + end - start) continue;
    using memory = Deno.openSync(`/proc/${pid}/mem`);
    const bytes = new Uint8Array(size);
    memory.seekSync(start + offset - skipped, Deno.SeekMode.Start);
    for (let at = 0; at < size;) at += memory.readSync(bytes.subarray(at)) ?? size;
    return bytes;
  }
  return undefined;
}

/** CPU time that a process used, in clock ticks of 10 ms. */
export function cpuTicks(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
