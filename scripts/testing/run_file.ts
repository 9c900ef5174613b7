/** Runs one test file in a process of its own, and reads what its tests did. */

const FILE_LIMIT_MS = 600_000;

/** What the tests of a file did. */
export interface FileResult {
  passed: number;
  failed: number;
  /** The titles of the tests that were skipped; a title says why. */
  skipped: string[];
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

/** Runs a test file. A file that hangs is ended, with its process, and fails. */
export async function runTestFile(path: string): Promise<FileResult> {
  const child = new Deno.Command("scripts/deno", {
    args: ["test", "-A", "--no-check", "--no-prompt", path],
    env: { NO_COLOR: "1", CI: "true" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), FILE_LIMIT_MS);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const result = readTestOutput([stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join(""));
  // Deno also fails for what happens outside of tests: a promise rejected too late, say.
  if (!success && result.failed === 0) result.failed = 1;
  return result;
}
