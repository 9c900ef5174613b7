/** What is read from test files that pass, fail, skip, leak and die. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readTestOutput, runTestFile, unexplainedSkips } from "../../../scripts/testing/run_file.ts";

Deno.test("readTestOutput() reads counts, and the titles of what was skipped", () => {
  const output = "a ... ok (1ms)\nb [skipped: no root] ... ignored (0ms)\nc ... ignored (0ms)\n\n" +
    "ok | 12 passed | 0 failed | 2 ignored (3s)\n";
  const result = readTestOutput(output);
  assertEquals([result.passed, result.failed], [12, 0]);
  assertEquals(result.skipped, ["b [skipped: no root]", "c"]);
  assertEquals(readTestOutput("FAILED | 3 passed (1 step) | 2 failed (1s)\n").failed, 2);
});

Deno.test("readTestOutput() counts output without its last line as a failure", () => {
  for (const output of ["", "running 3 tests\na ... ok (1ms)\n", "ok | passed"]) {
    assertEquals([readTestOutput(output).passed, readTestOutput(output).failed], [0, 1], output);
  }
});

Deno.test("unexplainedSkips() names a skip without a reason, and no other", () => {
  const output =
    "a [skipped: it needs root] ... ignored (0ms)\nb ... ignored (0ms)\nc [skipped: ] ... ignored (0ms)\n";
  assertEquals(unexplainedSkips(readTestOutput(output)), ["b", "c [skipped: ]"]);
});

/** Whether a process is there, and more than its status. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

async function resultOf(source: string): Promise<{ passed: number; failed: number; skipped: string[] }> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/a_test.ts`, source);
    const { passed, failed, skipped } = await runTestFile(`${folder}/a_test.ts`);
    return { passed, failed, skipped };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("runTestFile() counts what passes, fails and is skipped", async () => {
  const result = await resultOf(
    `Deno.test("a", () => {}); Deno.test("b", () => { throw new Error("no"); });
     Deno.test({ name: "c [skipped: for show]", ignore: true, fn: () => {} });`,
  );
  assertEquals(result, { passed: 1, failed: 1, skipped: ["c [skipped: for show]"] });
});

Deno.test("runTestFile() fails a file that leaks, dies, or does not compile", async () => {
  const sources = [
    `Deno.test("leaks a file", () => { Deno.openSync("/etc/passwd"); });`,
    `Deno.test("leaks a timer", () => { setTimeout(() => {}, 10_000); });`,
    `Deno.test("dies", () => { Deno.kill(Deno.pid, "SIGKILL"); while (true); });`,
    `Deno.test("cannot be read", ( => {});`,
  ];
  for (const source of sources) {
    const { failed } = await resultOf(source);
    assert(failed > 0, source);
  }
});

const WAITS = `Deno.test("waits", async () => {
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  await child.status;
  if (Deno.args.length === 0) throw new Error("the child was ended");
});`;
const HANGS = `Deno.test("hangs", async () => {
  const child = new Deno.Command("sh", { args: ["-c", "trap '' TERM; while :; do sleep 1000; done"] }).spawn();
  await child.status;
});`;

Deno.test("runTestFile() tells what a file that hangs was doing, and ends all of it", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [source, said] of [[WAITS, /the child was ended/], [HANGS, /trap '' TERM/]] as const) {
      Deno.writeTextFileSync(`${folder}/a_test.ts`, source);
      const { passed, failed, output } = await runTestFile(`${folder}/a_test.ts`, { limitMs: 3_000 });
      assertEquals([passed, failed], [0, 1], output);
      assertMatch(output, said);
      const pids = [...output.matchAll(/^ {2}process (\d+) \S /gm)].map((match) => Number(match[1]));
      assert(pids.length >= 2, output);
      for (const pid of pids) assert(!isRunning(pid), `process ${pid} goes on\n${output}`);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
