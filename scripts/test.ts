/** The test command: checks, fixtures, every test file in a process of its own, leaks, and the sum. */
import { typeScriptFiles } from "./source_text.ts";
import { runOnGuests } from "./testing/guest_runs.ts";
import { adoptOrphans, kernelObjects, leftBehind } from "./testing/leaks.ts";
import { installPackages } from "./testing/packages.ts";
import { type FileResult, runTestFile, unexplainedSkips } from "./testing/run_file.ts";
import { TestSum } from "./testing/test_sum.ts";

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  "format": ["fmt", "--check"],
  "lint": ["lint"],
  "types": ["check", "."],
  "imports": ["run", "-A", "scripts/check_imports.ts"],
  "generated documents": ["run", "-A", "scripts/gen_docs.ts", "--check"],
  "duplicates": ["run", "-A", "scripts/find_duplicates.ts"],
  "fixtures": ["run", "-A", "tests/fixtures/build.ts"],
};

const sum = new TestSum();

function runChecks(): void {
  for (const [title, args] of Object.entries(CHECKS)) {
    const began = performance.now();
    const { success, stdout, stderr } = new Deno.Command("scripts/deno", {
      args: [...args],
      stdout: "piped",
      stderr: "piped",
    }).outputSync();
    const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    const seconds = (performance.now() - began) / 1000;
    sum.add({ title, passed: success ? 1 : 0, failed: success ? 0 : 1, skipped: [], seconds, output });
  }
}

/** Tests that ask nothing of this kernel, guests' harness included: they cannot disturb each other. */
const APART = /^tests\/(vm|unit\/(cli|code|config|core|kmod|module|rpc|stats|sweep|symbols))\//;

/** Runs files at the same time, each in a process of its own, and looks once for what they left behind. */
async function runTogether(files: readonly string[]): Promise<void> {
  const before = kernelObjects();
  const waiting = [...files];
  const one = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      report(path, await runTestFile(path), []);
    }
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, one));
  const left = await leftBehind(before);
  if (left.length > 0) {
    sum.add({
      title: "what tests without the kernel left behind",
      passed: 0,
      failed: left.length,
      skipped: [],
      output: left.join("\n"),
    });
  }
}

/** One file after the other: probes of two files would disturb each other's counts. */
async function runInTurn(files: readonly string[]): Promise<void> {
  for (const path of files) {
    const before = kernelObjects();
    report(path, await runTestFile(path), await leftBehind(before));
  }
}

function report(path: string, result: FileResult, left: readonly string[]): void {
  const unexplained = unexplainedSkips(result);
  sum.add({
    ...result,
    title: path,
    said: result.output,
    failed: result.failed + left.length + unexplained.length,
    output: [
      ...(result.failed > 0 ? [result.output] : []),
      ...left.map((line) => `left behind: ${line}`),
      ...unexplained.map((title) => `skipped without a reason: ${title}`),
    ].join("\n"),
  });
}

const [pattern] = Deno.args;
const missing = installPackages();
if (missing.length > 0) {
  console.log(`missing packages (tests that need them fail or skip): ${missing.join(" ")}`);
}
adoptOrphans();
if (pattern === undefined) runChecks();
const files = typeScriptFiles(".").filter((path) => pattern === undefined || path.includes(pattern));
const tests = files.filter((path) => /^tests\/.*_test\.ts$/.test(path));
// Those that take longest are the last by name.
await runTogether(tests.filter((path) => APART.test(path)).toReversed());
await runInTurn(tests.filter((path) => !APART.test(path)));
await runOnGuests({ files, checks: pattern === undefined, report: (report) => sum.add(report) });
if (!sum.print()) Deno.exit(1);
