/** What each single test did on which kernel, a line of JSON each: what `scripts/kernel_matrix.ts` reads. */

/** One test. */
export interface TestResult {
  /** `6.1`, or the release of this machine's kernel up to its second number. */
  kernel: string;
  /** The test file. */
  file: string;
  title: string;
  outcome: "ok" | "failed" | "skipped";
}

const OUTCOMES = { ok: "ok", FAILED: "failed", ignored: "skipped" } as const;

/**
 * The single results in what a file of tests wrote.
 *
 * @param report `[KERNEL [MODE] ]PATH`, as `scripts/test` prints it
 */
export function singleResults(report: string, output: string): TestResult[] {
  const words = report.split(" ");
  const kernel = words.length > 1 ? words[0] : Deno.osRelease().split(".").slice(0, 2).join(".");
  const file = words[words.length - 1];
  return [...output.matchAll(/^(.+) \.\.\. ?(?:.* )?(ok|FAILED|ignored)(?: \(.*\))?\r?$/gm)].map(
    ([, title, outcome]) => ({ kernel, file, title, outcome: OUTCOMES[outcome as keyof typeof OUTCOMES] }),
  );
}

/** Adds results to the file that SB_TEST_RESULTS names; without one nothing is written. */
export function recordResults(report: string, output: string): void {
  const path = Deno.env.get("SB_TEST_RESULTS");
  if (!path) return;
  const lines = singleResults(report, output).map((result) => `${JSON.stringify(result)}\n`);
  Deno.writeTextFileSync(path, lines.join(""), { append: true });
}
