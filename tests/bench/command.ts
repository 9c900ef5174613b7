/** sb itself as a process, running a program that obeys lines (`bench_target wait`). */
import { LineProcess } from "../line_process.ts";

const SB = new URL("../../scripts/sb", import.meta.url).pathname;

/** `sb run … -- bench_target wait`, started, the program obeying. */
export class SbRun implements AsyncDisposable {
  readonly lines: LineProcess;
  readonly commandPid: number;

  private constructor(lines: LineProcess, commandPid: number) {
    this.lines = lines;
    this.commandPid = commandPid;
  }

  /** @param args of sb; the command must print `{pid}` first */
  static async start(args: string[]): Promise<SbRun> {
    const lines = new LineProcess(SB, args);
    const { pid } = await lines.readLine() as { pid: number };
    return new SbRun(lines, pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lines[Symbol.asyncDispose]();
  }
}

/** The JSON that sb prints for these arguments. */
export function sbJson(args: string[]): unknown {
  const result = new Deno.Command(SB, { args, stdin: "null", stdout: "piped", stderr: "piped" }).outputSync();
  const text = new TextDecoder().decode(result.stdout);
  if (!result.success) {
    throw new Error(`sb ${args.join(" ")}: ${new TextDecoder().decode(result.stderr)}${text}`);
  }
  return JSON.parse(text);
}
