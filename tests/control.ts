/** What kernel tests check sb with: sb itself as a process, and bpftrace as an independent count. */
import { loadedPrograms } from "../ffi/mod.ts";

const SB = new URL("../scripts/sb", import.meta.url).pathname;

/** What a run of sb gave. */
export interface SbResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `scripts/sb` to its end. @param options.env is added to the environment */
export async function runSb(
  args: readonly string[],
  options: { env?: Record<string, string> } = {},
): Promise<SbResult> {
  const { code, stdout, stderr } = await new Deno.Command(SB, {
    args: [...args],
    ...(options.env ? { env: options.env } : {}),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts `scripts/sb`, its output thrown away. */
export function startSb(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(SB, { args: [...args], stdin: "null", stdout: "null", stderr: "null" }).spawn();
}

/** The names of the programs that sb has loaded now; those of other sessions too. */
export function loadedSbPrograms(): string[] {
  return [...loadedPrograms().values()].filter((name) => name.startsWith("sb_"));
}

/** Counts the entries of a function in a command of plain words that bpftrace runs (`-c`), children left out. */
export async function bpftraceCount(
  place: { path: string; symbol: string },
  command: string,
): Promise<number> {
  const { stdout, stderr } = await new Deno.Command("bpftrace", {
    args: ["-c", command, "-e", `uprobe:${place.path}:${place.symbol} /pid == cpid/ { @hits = count(); }`],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stdout);
  const found = /@hits: (\d+)/.exec(text);
  if (!found && !/Attaching/.test(text)) throw new Error(new TextDecoder().decode(stderr));
  return Number(found?.[1] ?? 0);
}
