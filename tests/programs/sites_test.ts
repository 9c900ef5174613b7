/** The chosen sites on real programs: each counts what a probe on the function's first instruction counts. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { fixture, fixtureSource } from "../fixtures/build.ts";
import { executable, root, skipUnless } from "../skip.ts";
import { type Run, runReport } from "./report.ts";

const PYTHON = "/usr/bin/python3";
const LIBC = `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`;
/** No environment and a fixed hash seed: each count is the same in every run. */
const COMMAND = [
  "/usr/bin/env",
  "-i",
  "PYTHONHASHSEED=0",
  PYTHON,
  "-S",
  fixtureSource("attributes.py"),
  "300",
];

const FUNCTIONS = [
  ...[
    "PyObject_GetAttr",
    "PyObject_GetItem",
    "PyLong_FromLong",
    "PyLong_FromSsize_t",
    "PyTuple_New",
    "PyList_New",
    "PyList_Append",
    "PyType_Ready",
    "PyUnicode_New",
    "PyUnicode_FromString",
    "PyErr_Occurred",
    "PyErr_Clear",
    "PyModule_AddObject",
    "PyImport_ImportModuleLevelObject",
  ].map((symbol) => ({ file: PYTHON, symbol })),
  ...["open64", "read", "qsort", "getenv", "fopen64", "sigaction", "setlocale", "fclose"]
    .map((symbol) => ({ file: LIBC, symbol })),
];

async function bpftraceCounts(): Promise<Map<string, number>> {
  const script = FUNCTIONS.map(({ file, symbol }) =>
    `uprobe:${Deno.realPathSync(file)}:${symbol} /pid == cpid/ { @["${symbol}"] = count(); }`
  ).join("\n");
  const { stdout } = await new Deno.Command("bpftrace", {
    args: ["-c", COMMAND.join(" "), "-e", script],
    // As runSb() has them: CPython calls other functions for a pipe than for /dev/null.
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const counts = [...new TextDecoder().decode(stdout).matchAll(/^@\[(\w+)\]: (\d+)$/gm)];
  return new Map(counts.map(([, symbol, count]) => [symbol, Number(count)]));
}

/** The hits of every probe, by its symbol. */
function hitsOf({ report }: Run): Map<string, number> {
  return new Map(report.probes.map(({ symbol, hits }) => [symbol, hits]));
}

Deno.test({
  ...skipUnless(
    "22 functions of CPython and libc have the hits that bpftrace counts at their entries",
    root(),
    executable("/usr/bin/bpftrace"),
    executable(PYTHON),
  ),
  async fn() {
    const counted = await bpftraceCounts();
    const run = await runReport(FUNCTIONS.map(({ file, symbol }) => `${file}:${symbol}`), COMMAND);
    const hits = hitsOf(run);
    const expected = FUNCTIONS.map(({ symbol }) => `${symbol} ${counted.get(symbol) ?? 0}`);
    assertEquals(FUNCTIONS.map(({ symbol }) => `${symbol} ${hits.get(symbol)}`), expected);
    assertGreater(counted.size, FUNCTIONS.length / 2);
    assert(run.report.probes.some(({ site }) => site !== "stepped"));
  },
});

Deno.test({
  ...skipUnless(
    "every PyObject_ function counts at its site what it counts at its first byte, in one run",
    root(),
    executable(PYTHON),
  ),
  async fn() {
    const run = await runReport([`${PYTHON}:PyObject_*`], COMMAND);
    const symbols = run.report.probes.map(({ symbol }) => symbol);
    assertGreater(symbols.length, 40);
    const both = hitsOf(
      await runReport(symbols.flatMap((name) => [`${PYTHON}:${name}`, `${PYTHON}:${name}+0x0`]), COMMAND),
    );
    assertEquals(
      symbols.map((name) => `${name} ${both.get(name)}`),
      symbols.map((name) => `${name} ${both.get(`${name}+0x0`)}`),
    );
    assertGreater([...both.values()].filter((count) => count > 0).length, symbols.length / 2);
  },
});

Deno.test({
  ...skipUnless(
    "every PyObject_ function with return sites returns as often as it is called",
    root(),
    executable(PYTHON),
  ),
  async fn() {
    const run = await runReport([`${PYTHON}:PyObject_*`, `${PYTHON}:PyObject_*%return`], COMMAND);
    const entries = run.report.probes.filter(({ target }) => !target.endsWith("%return"));
    const returns = run.report.probes.filter(({ target, site }) =>
      target.endsWith("%return") && site !== "trampoline"
    );
    assertGreater(returns.length, 40);
    const calls = new Map(entries.map(({ symbol, hits }) => [symbol, hits]));
    assertEquals(
      returns.map(({ symbol, hits }) => `${symbol} ${hits}`),
      returns.map(({ symbol }) => `${symbol} ${calls.get(symbol)}`),
    );
  },
});

Deno.test({
  ...skipUnless(
    "a Go function that grows its stack begins again: its first byte counts more than its calls",
    root(),
  ),
  async fn() {
    const program = fixture("go_app");
    const run = await runReport([`${program}:main.grow`, `${program}:main.grow+0x0`], [program, "100", "4"]);
    const calls = JSON.parse(run.stdout).grow;
    const hits = hitsOf(run);
    assertEquals(hits.get("main.grow"), calls);
    assertGreater(hits.get("main.grow+0x0") as number, calls);
  },
});

Deno.test({
  ...skipUnless("functions of Go's runtime and their exact returns do not change a program's result", root()),
  async fn() {
    const program = fixture("go_app");
    const { report, stdout } = await runReport(
      [
        `${program}:runtime.mallocgc`,
        `${program}:runtime.mallocgc%return`,
        `${program}:sync.(*Mutex).lockSlow`,
      ],
      [program, "100", "4"],
    );
    assertEquals(JSON.parse(stdout).total, 400);
    const [calls, returns] = report.probes;
    assertGreater(calls.hits, 0);
    assertEquals(returns.hits, calls.hits);
  },
});
