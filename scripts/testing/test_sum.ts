/** What tests did altogether: prints each result as it comes, and the sum at the end. */

import { recordResults } from "./test_results.ts";

/** The result of a file of tests, or of one check. */
export interface TestReport {
  /** What was run, as printed. */
  title: string;
  passed: number;
  failed: number;
  /** The titles of tests that were skipped; a title says why. */
  skipped: readonly string[];
  /** How long it took; not told where nobody measured it. */
  seconds?: number;
  /** What is shown when something failed. */
  output: string;
  /** All that a file of tests wrote. */
  said?: string;
}

/** Adds results up. */
export class TestSum {
  #passed = 0;
  #failed = 0;
  readonly #skips: string[] = [];

  /** Prints a result and counts it. */
  add({ title, passed, failed, skipped, seconds, output, said }: TestReport): void {
    if (said !== undefined) recordResults(title, said);
    if (failed > 0 && output !== "") console.log(output);
    const took = seconds === undefined ? "" : `, ${seconds.toFixed(0)} s`;
    console.log(`${failed === 0 ? "ok    " : "FAILED"} ${title} (${passed} passed${took})`);
    this.#passed += passed;
    this.#failed += failed;
    this.#skips.push(...skipped.map((test) => `skipped: ${title}: ${test}`));
  }

  /** Prints what was skipped, and the sum. @returns whether something passed and nothing failed */
  print(): boolean {
    for (const line of this.#skips) console.log(line);
    console.log(`${this.#passed} passed, ${this.#failed} failed, ${this.#skips.length} skipped`);
    return this.#failed === 0 && this.#passed > 0;
  }
}
