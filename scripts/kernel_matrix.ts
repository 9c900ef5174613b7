/**
 * Makes the tables of docs/kernel_matrix.md from what the conformance suites did: feature × kernel × backend.
 *
 *     SB_TEST_RESULTS=results.ndjson scripts/test
 *     scripts/deno run -RW scripts/kernel_matrix.ts results.ndjson…
 */
import type { TestResult } from "./testing/test_results.ts";

const PAGE = new URL("../docs/kernel_matrix.md", import.meta.url);
/** What stands behind it is made here. */
const MARK = "<!-- made by scripts/kernel_matrix.ts -->";
/** The backend that a conformance suite names in front of each title. */
const TITLE = /^((?:ebpf|kmod)[^:]*): (.+)$/;
const SIGNS: Readonly<Record<TestResult["outcome"], string>> = { ok: "yes", failed: "**no**", skipped: "–" };

/** A table: a row a feature, a column a kernel and backend. */
interface Matrix {
  features: string[];
  /** `KERNEL BACKEND`, kernels and backends in their order. */
  columns: string[];
  outcomes: Map<string, TestResult["outcome"]>;
}

function compareColumns(x: string, y: string): number {
  return new Intl.Collator("en", { numeric: true }).compare(x, y);
}

/** The matrix of the results that `isPool` says are of pools, or are not. */
export function matrixOf(results: readonly TestResult[], isPool: boolean): Matrix {
  const matrix: Matrix = { features: [], columns: [], outcomes: new Map() };
  for (const { kernel, title, outcome } of results) {
    const [, backend, feature] = TITLE.exec(title.replace(/ \[skipped: .*\]$/, "")) ?? [];
    if (backend === undefined || /\bpool\b/.test(backend) !== isPool) continue;
    const column = `${kernel} ${backend.replace(/ pool,?/, "")}`;
    if (!matrix.features.includes(feature)) matrix.features.push(feature);
    if (!matrix.columns.includes(column)) matrix.columns.push(column);
    const key = `${feature}\0${column}`;
    // Of several runs the worst counts.
    if (matrix.outcomes.get(key) !== "failed") matrix.outcomes.set(key, outcome);
  }
  matrix.columns.sort(compareColumns);
  return matrix;
}

/** A table in Markdown; a dash is what was not tried there. */
export function tableOf({ features, columns, outcomes }: Matrix): string {
  const rows = features.map((feature) => {
    const cells = columns.map((column) => SIGNS[outcomes.get(`${feature}\0${column}`) ?? "skipped"]);
    return `| ${feature.replaceAll("|", "\\|")} | ${cells.join(" | ")} |`;
  });
  return [
    `| | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...rows,
    "",
  ].join("\n");
}

function main(paths: readonly string[]): void {
  const results = paths.flatMap((path) =>
    Deno.readTextFileSync(path).trim().split("\n").map((line): TestResult => JSON.parse(line))
  );
  const [sessions, pools] = [matrixOf(results, false), matrixOf(results, true)];
  if (sessions.features.length === 0) {
    console.error("error: there are no results of a conformance suite in it");
    Deno.exit(1);
  }
  const text = Deno.readTextFileSync(PAGE).split(MARK)[0];
  const parts = [MARK, "", "A command, or a tree while `sb` runs:", "", tableOf(sessions)];
  if (pools.features.length > 0) parts.push("Probes that come and go (library, server):", "", tableOf(pools));
  Deno.writeTextFileSync(PAGE, text + parts.join("\n"));
}

if (import.meta.main) main(Deno.args);
