/** `sb sweep` on real programs: what it leaves, how it goes on, how it ends. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { root, skipUnless } from "../skip.ts";
import { type Ended, endOf, HITS, PUSH, sweepArgs, SweepFolder } from "./sweep_command.ts";

const CELLS = 6;

function test(title: string, fn: () => Promise<void>): void {
  Deno.test({ ...skipUnless(title, root()), fn });
}

/** Waits for something that a process does, while it runs. */
async function until(holds: () => boolean, ended: Promise<unknown> = new Promise(() => {})): Promise<void> {
  let isRunning = true;
  void ended.then(() => isRunning = false);
  while (!holds() && isRunning) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("a sweep of a file leaves a journal, a result and a report; its answer goes to stderr", async () => {
  using folder = new SweepFolder();
  folder.write(
    "e.toml",
    `version = 1
command = ["sh", "-c", "${HITS}"]
delays = ["0", "5us"]
repeats = 3
[[target]]
name = "push"
target = "${PUSH}"
[[target]]
target = "libc:getpwent"
`,
  );
  const { code, stdout, stderr } = await folder.run("e.toml");
  assertEquals([code, stdout], [0, ""], stderr);
  assertMatch(stderr, /^push.* 200/m);
  assertEquals(folder.files, ["e.cells.ndjson", "e.report.html", "e.sweep.json", "e.toml"]);
  const cells = folder.cells("e");
  assertEquals(cells.length, 2 * CELLS);
  assertEquals(new Set(cells.map(({ cell }) => cell)).size, 2 * CELLS);
  assertEquals([...new Set(cells.map(({ hits }) => hits))].sort(), [0, 200]);
  const result = JSON.parse(folder.read("e.sweep.json"));
  assertEquals([result.schema, result.stopped, result.cells], [1, "complete", {
    planned: 12,
    done: 12,
    failed: 0,
  }]);
  assertEquals(result.targets.map(({ name }: { name: string }) => name), ["push", "getpwent"]);
  assert(result.targets[0].gain !== null && result.targets[0].functions[0] === PUSH);
});

test("a killed sweep goes on where it was, what was cut off is run again", async () => {
  using folder = new SweepFolder();
  const args = sweepArgs(`${HITS}; sleep 0.05`, "--repeats=15", "--quiet");
  const child = folder.start(args);
  const ended = endOf(child);
  await until(() => folder.cells().length >= 4, ended);
  child.kill("SIGKILL");
  await ended;
  const before = folder.cells();
  const path = `${folder.path}/sweep.cells.ndjson`;
  Deno.writeTextFileSync(path, '{"schema":1,"experiment":"half a l', { append: true });
  // What is there can be looked at before.
  assertEquals((await folder.run("--report", "sweep", "--no-html")).code, 0);
  const { code, stderr } = await folder.run("--resume", ...args);
  assertEquals([code, stderr.includes("interrupted")], [0, false], stderr);
  const after = folder.cells();
  assertEquals(after.slice(0, before.length), before);
  assertEquals([after.length, new Set(after.map(({ cell }) => cell)).size], [30, 30]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} gives the run in progress up, and what is there is analysed`, async () => {
    using folder = new SweepFolder();
    const child = folder.start(sweepArgs(`${HITS}; sleep 0.05`, "--repeats=200"));
    const ended = endOf(child);
    await until(() => folder.cells().length >= 5, ended);
    child.kill(signal);
    const { code, stderr } = await ended;
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "interrupted");
    const { stopped, cells } = JSON.parse(folder.read("sweep.sweep.json"));
    assertEquals([stopped, cells.done, cells.failed], ["interrupted", folder.cells().length, 0]);
    assert(folder.cells().every(({ exit }) => exit === 0));
  });
}

test("a second Ctrl-C ends a sweep at once, with the command that takes no notice of the first", async () => {
  using folder = new SweepFolder();
  const child = folder.start(sweepArgs(`echo $$ >pid; trap '' TERM INT; while :; do sleep 0.02; done`));
  const ended = endOf(child);
  await until(() => folder.read("pid").endsWith("\n"), ended);
  // Signals that wait together are one: more than two are sent.
  const again = setInterval(() => {
    try {
      child.kill("SIGINT");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      clearInterval(again); // it has ended
    }
  }, 50);
  child.status.then(() => clearInterval(again));
  assertEquals((await ended).code, 130);
  const pid = folder.read("pid").trim();
  await until(() => {
    try {
      return /\nState:\s+Z/.test(Deno.readTextFileSync(`/proc/${pid}/status`));
    } catch {
      return true;
    }
  });
});

test("failed runs are recorded and told, and end the sweep after so many", async () => {
  using folder = new SweepFolder();
  const script = `${HITS}; echo run >>runs; [ $(wc -l <runs) -lt 6 ] || { echo no room >&2; exit 3; }`;
  const { code, stderr } = await folder.sweep(script, "--max-failures=2", "--no-gain");
  assertEquals(code, 1, stderr);
  assertMatch(stderr, /^warning: run 3 of push with (5us|no delay) failed \(1 of 2\): exit 3\n {2}no room$/m);
  // One run to warm up, four that succeed, two that do not.
  assertEquals(folder.cells().map(({ exit, result }) => [exit, result !== null]), [
    ...Array(4).fill([0, true]),
    [3, false],
    [3, false],
  ]);
  assertEquals(JSON.parse(folder.read("sweep.sweep.json")).stopped, "failures");
  // The document stands alone in its place, and a quiet answer has no warnings.
  const json = await folder.sweep("exit 3", "--json", "--force");
  assertEquals([json.code, JSON.parse(json.stderr).error.code], [1, "sweep.command"]);
  const quiet = await folder.run("--report", "sweep", "--quiet", "--no-html");
  assertEquals([quiet.code, quiet.stderr.includes("warning"), quiet.stderr.includes(".ndjson")], [
    1,
    false,
    false,
  ]);
});

test("results are read off what the command writes, which goes nowhere else unless it is asked for", async () => {
  const script = `${HITS} >/dev/null; echo '{"qps": 25}'; echo trouble >&2`;
  const metrics = [['--metric=regex:qps": (\\d+)'], ["--metric=json:.qps"], ["--metric=command:wc -c"]];
  const results = [25, 25, 12];
  for (const [index, metric] of metrics.entries()) {
    using folder = new SweepFolder();
    const show = index === 0 ? ["--show-output"] : [];
    const { code, stdout, stderr } = await folder.sweep(script, ...metric, "--no-gain", ...show);
    assertEquals(code, 0, stderr);
    assertEquals([...new Set(folder.cells().map(({ result }) => result))], [results[index]]);
    assertEquals(stdout, '{"qps": 25}\n'.repeat(index === 0 ? 1 + CELLS : 0));
    assertEquals(stderr.match(/^trouble$/gm)?.length ?? 0, index === 0 ? 1 + CELLS : 0);
  }
});

test("delays are chosen from a run, and a function that is never called has none", async () => {
  using folder = new SweepFolder();
  const { code, stderr } = await folder.sweep(
    HITS,
    "--delays=auto",
    "--slow=libc:getpwent",
    "--json",
    "-o",
    "x",
  );
  assertEquals([code, stderr], [0, ""]);
  const [push, never] = JSON.parse(folder.read("x")).targets;
  assert(push.delays_ns.length >= 5 && push.delays_ns[0] === 0, `${push.delays_ns}`);
  assertEquals([never.delays_ns, never.sensitivity], [[0], null]);
  assertEquals(folder.cells().length, 3 * (push.delays_ns.length + 1));
});

test("a budget ends the sweep with what fits", async () => {
  using folder = new SweepFolder();
  const { code, stderr } = await folder.sweep(
    `${HITS}; sleep 0.1`,
    "--repeats=1000",
    "--budget=3s",
    "--no-gain",
  );
  assertEquals(code, 0, stderr);
  const { stopped, cells } = JSON.parse(folder.read("sweep.sweep.json"));
  assertEquals([stopped, cells.planned], ["budget", 2000]);
  assert(cells.done < 40);
});

/** What must be refused before a cell runs: the arguments, and what the one line says. */
const REFUSED: Record<string, { script?: string; options: string[]; seen: RegExp; code?: number }> = {
  "a function that is not there": {
    options: ["--slow=libc:no_such_function"],
    seen: /Cannot find "libc:no_such_function"/,
  },
  "a pattern of nothing": { options: ["--slow=libc:no_such_*"], seen: /no_such_\*/ },
  "a command that fails": {
    script: "echo no database >&2; exit 4",
    options: [],
    seen: /Cannot sweep "sh": a run without a delay failed: exit 4; its last words:\nno database/,
  },
  "a metric that matches nothing": {
    options: ["--metric=regex:qps: ([0-9]+)"],
    seen: /finds no number in what the command wrote/,
  },
  "a metric's command that is not there": {
    options: ["--metric=command:/nonexistent/score"],
    seen: /cannot be started/,
  },
  "a place that cannot be written": {
    options: ["--results=no/such/folder/x"],
    seen: /Cannot write "no\/such/,
  },
  "a report that cannot be written": {
    options: ["--html=no/such/report.html"],
    seen: /Cannot write "no\/such\/report.html"/,
  },
  "results without a name": { options: ["--results="], seen: /Cannot name results ""/, code: 2 },
  "a budget that takes no run": {
    options: ["--budget=1ms"],
    seen: /its budget is over before the first cell/,
  },
  "options that contradict each other": {
    options: ["--resume", "--force"],
    seen: /Cannot use --resume with --force/,
    code: 2,
  },
};
for (const [what, { script = HITS, options, seen, code = 1 }] of Object.entries(REFUSED)) {
  test(`a sweep refuses ${what} before anything is measured`, async () => {
    using folder = new SweepFolder();
    const ended = await folder.sweep(script, "--no-gain", ...options);
    assertEquals([ended.code, ended.stdout, folder.files], [code, "", []], ended.stderr);
    assertMatch(ended.stderr, seen);
    assert(ended.stderr.startsWith("error: Cannot "), ended.stderr);
  });
}

test("a sweep refuses a command that is not there", async () => {
  using folder = new SweepFolder();
  const { code, stderr } = await folder.run("--slow", PUSH, "--", "/nonexistent/bench");
  assertEquals([code, folder.files], [1, []]);
  assertStringIncludes(stderr, 'error: Cannot run "/nonexistent/bench"');
});

test("results that are there are neither replaced nor gone on with unasked, nor mixed with another experiment's", async () => {
  using folder = new SweepFolder();
  const quiet = ["--no-gain", "--quiet"];
  assertEquals((await folder.sweep(HITS, ...quiet)).code, 0);
  const before = folder.read("sweep.cells.ndjson");
  const refusals: Ended[] = [
    await folder.sweep(HITS, ...quiet),
    await folder.sweep(HITS, ...quiet, "--seed=2", "--resume"),
  ];
  assertEquals(refusals.map(({ code }) => code), [1, 1]);
  assertMatch(refusals[0].stderr, /has the cells of an earlier one\nhint: Go on with it: --resume;/);
  assertMatch(refusals[1].stderr, /it is of another experiment/);
  assertEquals(folder.read("sweep.cells.ndjson"), before);
  assertEquals((await folder.sweep(HITS, ...quiet, "--seed=2", "--force")).code, 0);
  assertEquals(folder.cells().length, CELLS);
  // Other delays are cells that are missing.
  assertEquals((await folder.sweep(HITS, ...quiet, "--seed=2", "--resume", "--delays=0,5us,9us")).code, 0);
  assertEquals(folder.cells().length, CELLS + 3);
});

test("a sweep is not gone on with once the program was built anew", async () => {
  using folder = new SweepFolder();
  const build = async (result: number) => {
    folder.write(
      "p.c",
      `int work(int x) { return x ^ ${result}; }\nint main(int n) { return work(n) >> 9; }\n`,
    );
    const gcc = new Deno.Command("gcc", { args: ["-O0", "-o", "p", "p.c"], cwd: folder.path });
    assert((await gcc.output()).success);
  };
  const sweep = (repeats: number, ...options: string[]) =>
    folder.run(
      "--slow=p:work",
      "--delays=0,5us",
      `--repeats=${repeats}`,
      "--no-gain",
      "--quiet",
      ...options,
      "--",
      "./p",
    );
  await build(1);
  assertEquals((await sweep(2)).code, 0);
  assertEquals((await sweep(3, "--resume")).code, 0);
  await build(2);
  const { code, stderr } = await sweep(4, "--resume");
  assertEquals(code, 1, stderr);
  assertMatch(
    stderr,
    /"sweep.cells.ndjson": ".*\/p" was built anew since its cells ran\nhint: Begin again: --force/,
  );
  assertEquals((await sweep(2, "--force")).code, 0);
});

test("--dry-run shows the design, and runs and writes nothing", async () => {
  using folder = new SweepFolder();
  const { code, stdout, stderr } = await folder.sweep("touch ran", "--dry-run");
  assertEquals([code, stdout, folder.files], [0, "", []], stderr);
  assertStringIncludes(stderr, "runs     6 measured, 1 to warm up, 2 or more to time the functions");
});
