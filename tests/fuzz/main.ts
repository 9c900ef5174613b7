/** The fuzzing command: see scripts/fuzz. */
import { parseArgs } from "@std/cli/parse-args";
import { coverage, type Extent, fuzz } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";

const DEFAULT_RUNS = 10_000_000;
const OUT = new URL("out", import.meta.url).pathname;

const options = parseArgs(Deno.args, { string: ["runs", "seconds"], boolean: ["coverage"] });
const chosen = options._.length > 0 ? options._.map(String) : Object.keys(TARGETS);
const unknown = chosen.filter((name) => !(name in TARGETS));
const [runs, seconds] = [options.runs, options.seconds].map((text) =>
  text === undefined ? undefined : Number(text)
);
const numbers = [runs, seconds].filter((value) => value !== undefined);
if (unknown.length > 0 || numbers.some((value) => !Number.isInteger(value) || value <= 0)) {
  console.error(
    `usage: scripts/fuzz [--runs N | --seconds S] [--coverage] [${Object.keys(TARGETS).join("|")} …]`,
  );
  Deno.exit(2);
}

const extent: Extent = seconds === undefined
  ? { runs: runs ?? DEFAULT_RUNS }
  : { runs, seconds: Math.max(1, Math.floor(seconds / chosen.length)) };
const summary: string[] = [];
const sum = { runs: 0, findings: 0 };
for (const name of chosen) {
  const outcome = await fuzz(name, extent, { folder: OUT });
  sum.runs += outcome.runs;
  sum.findings += outcome.findings.length;
  if (outcome.findings.length > 0) console.log(outcome.log);
  summary.push(`${name}: ${outcome.runs} runs, ${outcome.findings.length} findings`);
  summary.push(...outcome.findings.map((path) => `finding: ${path}`));
  if (options.coverage) console.log(coverage(name, OUT));
}
for (const line of summary) console.log(line);
console.log(`${sum.runs} runs, ${sum.findings} findings`);
if (sum.findings > 0 || sum.runs === 0) Deno.exit(1);
