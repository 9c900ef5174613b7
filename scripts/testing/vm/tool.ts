/** Programs of the host that the harness runs, their failure an error that shows what they said. */
import { VmError } from "./cache.ts";

/** How a tool runs. */
export interface ToolOptions {
  cwd?: string;
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>;
  /** What it reads. */
  stdin?: Uint8Array<ArrayBuffer>;
}

/** What a tool wrote to its output. @throws VmError with the end of what it wrote when it fails */
export async function toolOutput(
  command: readonly string[],
  options: ToolOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const [program, ...args] = command;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      cwd: options.cwd,
      env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive", ...options.env },
      stdin: options.stdin ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new VmError(`Cannot run "${program}": it is not installed`);
  }
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), feed(child, options.stdin)]);
  if (success) return stdout;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("").trimEnd();
  throw new VmError(`Cannot run "${command.join(" ")}":\n${said.split("\n").slice(-40).join("\n")}`);
}

/** As {@linkcode toolOutput}, as text. */
export async function toolText(command: readonly string[], options: ToolOptions = {}): Promise<string> {
  return new TextDecoder().decode(await toolOutput(command, options));
}

async function feed(child: Deno.ChildProcess, bytes: Uint8Array<ArrayBuffer> | undefined): Promise<void> {
  if (bytes === undefined) return;
  try {
    await new Blob([bytes]).stream().pipeTo(child.stdin);
  } catch (error) {
    // It may end without having read all, as a decompressor does at the end of its stream.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
