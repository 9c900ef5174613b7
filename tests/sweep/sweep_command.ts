/** `sb sweep` as a process, in a folder of its own. */
import { fixture } from "../fixtures/build.ts";

const SB = new URL("../../scripts/sb", import.meta.url).pathname;
const FILE = fixture("bench_target");

/** A target that the command below hits. */
export const PUSH = `${FILE}:f_push`;

/** A shell's words for some hits of {@linkcode PUSH}. */
export const HITS = `${FILE} calls f_push 200`;

/** How a process ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A folder that sweeps leave their files in. Disposing removes it. */
export class SweepFolder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "sb_sweep_" });

  /** Starts `sb sweep`. */
  start(args: readonly string[]): Deno.ChildProcess {
    return new Deno.Command(SB, {
      args: ["sweep", ...args],
      cwd: this.path,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs `sb sweep` to its end. */
  async run(...args: readonly string[]): Promise<Ended> {
    return await endOf(this.start(args));
  }

  /** Runs it on a command line of the shell, a target and two delays. */
  async sweep(script: string, ...options: readonly string[]): Promise<Ended> {
    return await this.run(...sweepArgs(script, ...options));
  }

  /** Writes a file. */
  write(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.path}/${name}`, text);
  }

  /** Reads a file; "" where there is none. */
  read(name: string): string {
    try {
      return Deno.readTextFileSync(`${this.path}/${name}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** The files that are there. */
  get files(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  /** The journal's whole lines. */
  cells(name = "sweep"): { cell: string; exit: number | null; result: number | null; hits: number }[] {
    return this.read(`${name}.cells.ndjson`).split("\n").slice(0, -1).map((line) => JSON.parse(line));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** The arguments of a sweep of a command line of the shell. */
export function sweepArgs(script: string, ...options: readonly string[]): string[] {
  return [
    "--slow",
    `push=${PUSH}`,
    "--delays=0,5us",
    "--repeats=3",
    ...(options.some((option) => option.startsWith("--html")) ? [] : ["--no-html"]),
    ...options,
    "--",
    "sh",
    "-c",
    script,
  ];
}

/** Waits for the end of a process. */
export async function endOf(child: Deno.ChildProcess): Promise<Ended> {
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
