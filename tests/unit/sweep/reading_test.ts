import { assert, assertEquals, assertRejects } from "@std/assert";
import { CapturedOutput } from "../../../src/sweep/captured.ts";
import type { Metric } from "../../../src/sweep/model.ts";
import { type Reading, readRun } from "../../../src/sweep/reading.ts";

// A library opened in a test counts as that test's leak.
new CapturedOutput()[Symbol.dispose]();

const RUN = { wallNs: 5e9, userNs: 3e9, sysNs: 1e9 };

async function read(
  metric: Metric,
  written: string | Uint8Array,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Reading> {
  using output = new CapturedOutput();
  const path = `/proc/self/fd/${output.fd}`;
  if (typeof written === "string") Deno.writeTextFileSync(path, written, { append: true });
  else Deno.writeFileSync(path, written, { append: true });
  return await readRun(metric, { run: RUN, spentNs: 5e8, output, ...(signal ? { signal } : {}) });
}

function command(...words: string[]): Metric {
  return { kind: "command", command: words, better: "lower" };
}

Deno.test("readRun() takes times from the run; what delays spun is no processor time of the command's", async () => {
  assertEquals(await readRun({ kind: "wall" }, { run: RUN, spentNs: 5e8, output: null }), { result: 5e9 });
  assertEquals(await readRun({ kind: "cpu" }, { run: RUN, spentNs: 5e8, output: null }), { result: 3.5e9 });
});

Deno.test("readRun() finds numbers in what the command wrote, and says when it finds none", async () => {
  const regex: Metric = { kind: "regex", pattern: "qps: ([0-9.]+)", better: "higher" };
  assertEquals(await read(regex, "qps: 1\nqps: 2.5\n"), { result: 2.5 });
  assertEquals(await read(regex, "nothing\n"), {
    result: null,
    failure: "/qps: ([0-9.]+)/ finds no number in what the command wrote to stdout",
  });
  assertEquals(await read({ kind: "json", path: ".qps", better: "higher" }, 'log\n{"qps": 7}\n'), {
    result: 7,
  });
});

Deno.test("readRun() reads the end of an output that is too long for memory", async () => {
  const bytes = new Uint8Array(20 * 2 ** 20).fill(0x20);
  bytes.set(new TextEncoder().encode("qps: 1\n"));
  bytes.set(new TextEncoder().encode("\nqps: 2\n"), bytes.length - 8);
  assertEquals(await read({ kind: "regex", pattern: "qps: (\\d+)", better: "higher" }, bytes), { result: 2 });
});

Deno.test("readRun() asks another program, which reads all of it", async () => {
  assertEquals(await read(command("wc", "-c"), "x".repeat(300_000)), { result: 300_000 });
});

Deno.test("readRun() lets the other program read as little as it wants", async () => {
  assertEquals(await read(command("sh", "-c", "echo 42"), "x".repeat(3_000_000)), { result: 42 });
});

Deno.test("readRun() says why another program gave no number", async () => {
  const failures: [Metric, string][] = [
    [command("sh", "-c", "exit 3"), "exit 3"],
    [command("echo", "many"), '"many"'],
    [command("/nonexistent/score"), "cannot be started"],
  ];
  for (const [metric, seen] of failures) {
    const reading = await read(metric, "1\n");
    assert(reading.result === null && reading.failure.includes(seen), JSON.stringify(reading));
  }
});

Deno.test("readRun() ends the other program when it is aborted", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("enough")), 50);
  await assertRejects(() => read(command("sleep", "1000"), "", { signal: stop.signal }), Error, "enough");
});
