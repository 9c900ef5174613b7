/** The test command: checks, fixtures, every test file in a process of its own, leaks, and the sum. */
import { typeScriptFiles } from "./source_text.ts";
import { adoptOrphans, kernelObjects, leftBehind } from "./testing/leaks.ts";
import { installPackages } from "./testing/packages.ts";
import { runTestFile, unexplainedSkips } from "./testing/run_file.ts";

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  "format": ["fmt", "--check"],
  "lint": ["lint"],
  "types": ["check", "."],
  "imports": ["run", "-A", "scripts/check_imports.ts"],
  "generated documents": ["run", "-A", "scripts/gen_docs.ts", "--check"],
  "duplicates": ["run", "-A", "scripts/find_duplicates.ts"],
  "fixtures": ["run", "-A", "tests/fixtures/build.ts"],
};

const sum = { passed: 0, failed: 0, skipped: 0 };
const skips: string[] = [];

function runChecks(): void {
  for (const [name, args] of Object.entries(CHECKS)) {
    const result = new Deno.Command("scripts/deno", { args: [...args], stdout: "piped", stderr: "piped" })
      .outputSync();
    if (result.success) sum.passed++;
    else {
      sum.failed++;
      for (const bytes of [result.stdout, result.stderr]) console.log(new TextDecoder().decode(bytes));
    }
    console.log(`${result.success ? "ok    " : "FAILED"} ${name}`);
  }
}

/** One file after the other: probes of two files would disturb each other's counts. */
async function runFiles(files: readonly string[]): Promise<void> {
  for (const path of files) {
    const before = kernelObjects();
    const result = await runTestFile(path);
    const left = await leftBehind(before);
    const unexplained = unexplainedSkips(result);
    const failed = result.failed + left.length + unexplained.length;
    if (result.failed > 0) console.log(result.output);
    for (const line of left) console.log(`left behind: ${line}`);
    for (const title of unexplained) console.log(`skipped without a reason: ${title}`);
    console.log(`${failed === 0 ? "ok    " : "FAILED"} ${path} (${result.passed} passed)`);
    sum.passed += result.passed;
    sum.failed += failed;
    sum.skipped += result.skipped.length;
    skips.push(...result.skipped.map((title) => `skipped: ${path}: ${title}`));
  }
}

const pattern = Deno.args[0];
const missing = installPackages();
if (missing.length > 0) {
  console.log(`missing packages (tests that need them fail or skip): ${missing.join(" ")}`);
}
adoptOrphans();
if (pattern === undefined) runChecks();
const files = typeScriptFiles(".").filter((path) => /^tests\/.*_test\.ts$/.test(path));
await runFiles(files.filter((path) => pattern === undefined || path.includes(pattern)));
for (const line of skips) console.log(line);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
if (sum.failed > 0 || sum.passed === 0) Deno.exit(1);
