/** `sb sweep`: command lines and files become experiments, and those that make no sense are refused. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseCommandLine } from "../../../src/cli/parse.ts";
import {
  checkSweepOptions,
  readTarget,
  type SweepRequest,
  sweepRequest,
} from "../../../src/cli/sweep_request.ts";
import { SbError } from "../../../src/core/mod.ts";

const FILE = `version = 1
command = ["bench"]
repeats = { min = 4, max = 8, until = "2%" }
warmups = 2
[[target]]
target = "libc:malloc"
`;

function request(args: readonly string[]): SweepRequest {
  const invocation = parseCommandLine(["sweep", ...args]);
  checkSweepOptions(invocation);
  return sweepRequest(invocation);
}

/** With a file of an experiment. */
function requestWith(text: string, args: readonly string[]): SweepRequest & { stem: string } {
  const folder = Deno.makeTempDirSync({ prefix: "sb_sweep_" });
  try {
    Deno.writeTextFileSync(`${folder}/e.toml`, text);
    return { ...request([`${folder}/e.toml`, ...args]), stem: `${folder}/e` };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("sweepRequest() reads a whole command line", () => {
  const { experiment, results, fromOwnArguments } = request([
    "--slow=libc:malloc",
    "--slow=mem=libc:calloc+libc:free",
    "--delays=0,2us,1us",
    "--repeats=3..20",
    "--until=10%",
    "--warmups=0",
    "--metric=regex:qps: ([0-9.]+)",
    "--better=higher",
    "--seed=7",
    "--budget=10m",
    "--max-failures=5",
    "--backend=kmod",
    "--results=out/x",
    "--",
    "./bench",
    "--slow",
    "x",
  ]);
  assertEquals(experiment, {
    command: ["./bench", "--slow", "x"],
    metric: { kind: "regex", pattern: "qps: ([0-9.]+)", better: "higher" },
    targets: [
      { name: "malloc", targets: ["libc:malloc"] },
      { name: "mem", targets: ["libc:calloc", "libc:free"] },
    ],
    delaysNs: [0, 1000, 2000],
    repeats: { kind: "adaptive", min: 3, max: 20, until: 0.1 },
    warmups: 0,
    seed: 7,
    budgetNs: 600e9,
    maxFailures: 5,
    backend: "kmod",
  });
  assertEquals([results, fromOwnArguments], ["out/x", true]);
});

Deno.test("sweepRequest() needs a target and a command, and has defaults for the rest", () => {
  const { experiment, results } = request(["--slow", "libc:malloc", "--", "true"]);
  assertEquals([experiment.delaysNs, experiment.repeats, experiment.metric, results], [
    "auto",
    { kind: "fixed", count: 10 },
    { kind: "wall" },
    "sweep",
  ]);
});

Deno.test("sweepRequest() takes what a file says; options win, and targets come together", () => {
  const { experiment, results, stem, fromOwnArguments } = requestWith(FILE, [
    "--warmups",
    "5",
    "--until",
    "1%",
    "-s",
    "libc:free",
  ]);
  assertEquals(experiment.command, ["bench"]);
  assertEquals(experiment.targets.map(({ name }) => name), ["malloc", "free"]);
  assertEquals([experiment.warmups, experiment.repeats], [5, {
    kind: "adaptive",
    min: 4,
    max: 8,
    until: 0.01,
  }]);
  assertEquals([results, fromOwnArguments], [stem, false]);
  assertEquals(requestWith(FILE, ["--repeats", "6..7"]).experiment.repeats, {
    kind: "adaptive",
    min: 6,
    max: 7,
    until: 0.02,
  });
  const bare = FILE.replace('command = ["bench"]\n', "");
  assertEquals(requestWith(bare, ["--", "true", "x"]).experiment.command, ["true", "x"]);
});

Deno.test("sweepRequest() reads every kind of metric", () => {
  const metric = (...args: string[]) => request(["-s", "a:f", ...args, "--", "true"]).experiment.metric;
  assertEquals(metric("--metric", "user+sys"), { kind: "cpu" });
  assertEquals(metric("--metric", "json:.a[0].b"), { kind: "json", path: ".a[0].b", better: "lower" });
  assertEquals(metric("--metric", "command:./score.sh  -v x", "--better=higher"), {
    kind: "command",
    command: ["./score.sh", "-v", "x"],
    better: "higher",
  });
});

for (
  const [text, name, targets] of [
    ["libc:malloc", "malloc", ["libc:malloc"]],
    ["m=libc:malloc", "m", ["libc:malloc"]],
    ["libc:malloc+libc:free", "malloc", ["libc:malloc", "libc:free"]],
    ["libc:malloc+0x8+libc:free", "malloc+0x8", ["libc:malloc+0x8", "libc:free"]],
    ["./app:operator==", "operator==", ["./app:operator=="]],
    ["./app:operator+(Foo::Bar)", "operator+(Foo::Bar)", ["./app:operator+(Foo::Bar)"]],
    ["./app:Foo::operator++", "Foo::operator++", ["./app:Foo::operator++"]],
    ["all=libstdc++.so.6:_Znwm+libstdc++.so.6:_ZdlPv", "all", [
      "libstdc++.so.6:_Znwm",
      "libstdc++.so.6:_ZdlPv",
    ]],
    ["a:f%return+b:g", "f%return", ["a:f%return", "b:g"]],
    ["python3:PyObject_*", "PyObject_*", ["python3:PyObject_*"]],
  ] as const
) {
  Deno.test(`readTarget() reads ${text}`, () => {
    assertEquals(readTarget(text), { name, targets: [...targets] });
  });
}

/** Command lines that must be refused, and what the message names. */
const REFUSED: readonly (readonly [string, readonly string[]])[] = [
  ["nothing to slow", []],
  ["no command", ["--slow", "a:f"]],
  ["--slow a:f --delays 0,5us", ["--slow", "a:f=5us", "--", "true"]],
  ["no FILE.toml", ["--slow", "a:f", "./bench"]],
  ["takes only", ["--slow", "a:f", "e.toml", "python3"]],
  ["no such file", ["/nonexistent.toml"]],
  ["--resume with --force", ["-s", "a:f", "--resume", "--force", "--", "true"]],
  ["--html with --no-html", ["-s", "a:f", "--html", "x", "--no-html", "--", "true"]],
  ["--report with --slow", ["-s", "a:f", "--report", "x"]],
  ["--report with e.toml", ["e.toml", "--report", "x"]],
  ["--report with the command", ["--report", "x", "--", "true"]],
  ["--until with --repeats 5", ["-s", "a:f", "--repeats", "5", "--until", "5%", "--", "true"]],
  ["neither N nor MIN..MAX", ["-s", "a:f", "--repeats", "many", "--", "true"]],
  ["max is less than min", ["-s", "a:f", "--repeats", "9..3", "--", "true"]],
  ["at least 2", ["-s", "a:f", "--repeats", "1", "--", "true"]],
  ["no share", ["-s", "a:f", "--until", "0", "--", "true"]],
  ["--better", ["-s", "a:f", "--better", "higher", "--", "true"]],
  ["less time is always better", ["-s", "a:f", "--metric=wall", "--better", "lower", "--", "true"]],
  ["no such metric", ["-s", "a:f", "--metric", "time", "--", "true"]],
  ["it has no group", ["-s", "a:f", "--metric", "regex:qps", "--", "true"]],
  ["it is no path", ["-s", "a:f", "--metric", "json:qps", "--", "true"]],
  ["it is empty", ["-s", "a:f", "--metric", "command:", "--", "true"]],
  ["auto stands among others", ["-s", "a:f", "--delays", "auto,1us", "--", "true"]],
  ["there is none above 0", ["-s", "a:f", "--delays", "0", "--", "true"]],
  ['"1 us"', ["-s", "a:f", "--delays", "1 us", "--", "true"]],
  ["no whole number", ["-s", "a:f", "--seed", "x", "--", "true"]],
  ["-1 warm-ups", ["-s", "a:f", "--warmups=-1", "--", "true"]],
  ["nothing can run in no time", ["-s", "a:f", "--budget", "0", "--", "true"]],
  ["max_failures 0", ["-s", "a:f", "--max-failures", "0", "--", "true"]],
  ['two targets "f"', ["-s", "a:f", "-s", "b:f", "--", "true"]],
  ["is not one of", ["-s", "a:f", "--backend", "bpf", "--", "true"]],
];
for (const [seen, args] of REFUSED) {
  Deno.test(`sweepRequest() refuses ${args.join(" ") || "nothing at all"}`, () => {
    const error = assertThrows(() => request(args), SbError);
    assertStringIncludes(`${error.message} ${error.hint}`, seen);
    assertEquals(error.message.includes("\n"), false);
    assertEquals([2, 1].includes(error.row.exit), true);
  });
}

Deno.test("sweepRequest() refuses a command in the file and behind --", () => {
  const error = assertThrows(() => requestWith(FILE, ["--", "true"]), SbError);
  assertStringIncludes(error.message, "another command stands behind --");
});
