/** The result of a run: its times, or a number in what the command wrote. */
import { systemMessage } from "../core/mod.ts";
import type { RunResult } from "../session/mod.ts";
import type { CapturedOutput } from "./captured.ts";
import { readNumber, readResult } from "./metric.ts";
import type { Metric } from "./model.ts";

/** A result, or why there is none. */
export type Reading = { result: number } | { result: null; failure: string };

/** What a metric command may print. */
const MOST_ANSWER_CHARS = 100_000;

/**
 * Reads the result of a run that succeeded.
 *
 * @param output what the command wrote; null where the metric is a time
 * @throws what `signal` aborted with
 */
export async function readRun(
  metric: Metric,
  { run, spentNs, output, signal }: {
    run: Pick<RunResult, "wallNs" | "userNs" | "sysNs">;
    /** What probes added to the run, in nanoseconds: they spin. */
    spentNs: number;
    output: CapturedOutput | null;
    signal?: AbortSignal;
  },
): Promise<Reading> {
  switch (metric.kind) {
    case "wall":
      return { result: run.wallNs };
    case "cpu":
      return { result: run.userNs + run.sysNs - spentNs };
    case "command":
      return await askCommand(metric.command, output!, signal);
    default: {
      const result = readResult(metric, output!.readEnd());
      if (result !== null) return { result };
      const what = metric.kind === "regex" ? `/${metric.pattern}/` : metric.path;
      return { result, failure: `${what} finds no number in what the command wrote to stdout` };
    }
  }
}

async function askCommand(
  command: readonly string[],
  output: CapturedOutput,
  signal?: AbortSignal,
): Promise<Reading> {
  const [program, ...args] = command;
  const name = `the metric's command ${program}`;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      ...(signal ? { signal } : {}),
    }).spawn();
  } catch (error) {
    return { result: null, failure: `${name} cannot be started: ${systemMessage(error)}` };
  }
  const [, { code, stdout }] = await Promise.all([feed(child.stdin, output), child.output()]);
  signal?.throwIfAborted();
  if (code !== 0) return { result: null, failure: `${name} failed: exit ${code}` };
  const text = new TextDecoder().decode(stdout.subarray(0, MOST_ANSWER_CHARS));
  const result = readNumber(text);
  if (result !== null) return { result };
  return { result, failure: `${name} printed no number: ${JSON.stringify(text.trim().slice(0, 60))}` };
}

async function feed(stdin: WritableStream<Uint8Array>, output: CapturedOutput): Promise<void> {
  const writer = stdin.getWriter();
  try {
    for (const piece of output.pieces()) await writer.write(piece);
    await writer.close();
  } catch (error) {
    // It read as much as it wanted, or has ended.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    writer.releaseLock();
  }
}
