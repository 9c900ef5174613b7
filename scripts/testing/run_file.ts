/** Runs one test file in a process of its own, and reads what its tests did. */
import { processReport, signalAll, treeOf } from "./process_report.ts";

/** No file takes half of it on two processors. */
const FILE_LIMIT_MS = 600_000;
/** A test whose children were ended says so in this time, where it waited for one of them. */
const LAST_WORDS_MS = 10_000;

/** What the tests of a file did. */
export interface FileResult {
  passed: number;
  failed: number;
  /** The titles of the tests that were skipped; a title says why. */
  skipped: string[];
  /** How long it took. */
  seconds?: number;
  output: string;
}

/** Reads the output of `deno test`; one without its last line counts as a failure: the process died. */
export function readTestOutput(output: string): FileResult {
  const summary = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/m.exec(output);
  const skipped = [...output.matchAll(/^(.*) \.\.\. ignored/gm)].map((match) => match[1]);
  return {
    passed: Number(summary?.[1] ?? 0),
    failed: summary ? Number(summary[2]) : 1,
    skipped,
    output,
  };
}

/** The skipped tests whose titles do not say why (`tests/skip.ts`). */
export function unexplainedSkips({ skipped }: FileResult): string[] {
  return skipped.filter((title) => !/\[skipped: .+\]/.test(title));
}

/**
 * Runs a test file. One that hangs fails: what its processes were doing is told, its children are ended, so that a test
 * that waits for one of them says where, then all that is left.
 *
 * @param options.limitMs how long it may take, 10 minutes by default
 */
export async function runTestFile(path: string, options: { limitMs?: number } = {}): Promise<FileResult> {
  const child = new Deno.Command("scripts/deno", {
    args: ["test", "-A", "--no-check", "--no-prompt", path],
    env: { NO_COLOR: "1", CI: "true" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const began = performance.now();
  let hung = "";
  let timer = setTimeout(() => {
    const tree = treeOf(child.pid);
    hung = `hung:\n${processReport(tree)}\n`;
    signalAll(tree.slice(1), "SIGTERM");
    timer = setTimeout(() => signalAll([...treeOf(child.pid), ...tree], "SIGKILL"), LAST_WORDS_MS);
  }, options.limitMs ?? FILE_LIMIT_MS);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const result = readTestOutput(
    [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") + hung,
  );
  result.seconds = (performance.now() - began) / 1000;
  // Deno also fails for what happens outside of tests: a promise rejected too late, say.
  if ((!success || hung !== "") && result.failed === 0) result.failed = 1;
  return result;
}
