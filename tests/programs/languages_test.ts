/** The main job on real programs: hits against an independent count, added time against the program's clock. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { bpftraceCount } from "../control.ts";
import { fixture } from "../fixtures/build.ts";
import { runReport } from "./report.ts";

const PYTHON = "/usr/bin/python3";
const ATTRIBUTES = new URL("../fixtures/attributes.py", import.meta.url).pathname;

Deno.test("CPython: the hits of PyObject_GetAttr are bpftrace's count, each 5 µs longer", async () => {
  const command = [PYTHON, ATTRIBUTES, "2000"];
  const counted = await bpftraceCount(
    { path: Deno.realPathSync(PYTHON), symbol: "PyObject_GetAttr" },
    command.join(" "),
  );
  const { report, stdout } = await runReport([`${PYTHON}:PyObject_GetAttr=5us`], command);
  const [probe] = report.probes;
  assertEquals(JSON.parse(stdout).calls, 2000);
  assertEquals(probe.hits, counted);
  assertEquals([probe.delayed, probe.misses, probe.cut], [probe.hits, 0, 0]);
  assertGreaterOrEqual(probe.hits, 2000);
  assertGreaterOrEqual(probe.min_ns as number, 5000);
  assertGreaterOrEqual(report.wall_ns, probe.added_ns);
});

Deno.test("CPython: two runs differ by exactly the calls that the script makes", async () => {
  const hits = async (count: number) => {
    const { report } = await runReport([`${PYTHON}:PyObject_GetAttr`], [PYTHON, ATTRIBUTES, String(count)]);
    return report.probes[0].hits;
  };
  assertEquals(await hits(5000) - await hits(0), 5000);
});

Deno.test("libc: the hits of malloc under ls -R are bpftrace's count", async () => {
  const command = ["/bin/ls", "-R", "/usr/share/doc/libc6"];
  const libc = Deno.realPathSync(`/lib/${Deno.build.arch}-linux-gnu/libc.so.6`);
  const counted = await bpftraceCount({ path: libc, symbol: "malloc" }, command.join(" "));
  const { report } = await runReport(["libc.so.6:malloc=5us"], command);
  const [probe] = report.probes;
  assert(counted > 0);
  assertEquals(probe.hits, counted);
  assertEquals(probe.delayed, counted);
  assertGreaterOrEqual(report.wall_ns, probe.added_ns);
});

Deno.test("C++: demangled names with and without parameters, hits as the program counts", async () => {
  const program = fixture("cxx_exceptions");
  const { report, stdout } = await runReport(
    [`${program}:chain::inner=20us`, `${program}:chain::outer(long)=20us`, `${program}:chain::recurse`],
    [program, "90", "200"],
  );
  const own = JSON.parse(stdout);
  assertEquals(report.probes.map(({ hits }) => hits), [own.inner[0], own.outer[0], own.recurse[0]]);
  assertEquals(report.probes.map(({ delayed }) => delayed), [90, 90, 0]);
  assertGreaterOrEqual(report.wall_ns, report.probes[0].added_ns + report.probes[1].added_ns);
});

Deno.test("Rust: functions, a trait's method and a generic by demangled name", async () => {
  const program = fixture("rust_app");
  const { report, stdout } = await runReport(
    [`${program}:rust_app::plain=20us`, `${program}:<rust_app::Square as rust_app::Shape>::area=20us`],
    [program, "50"],
  );
  assertEquals(JSON.parse(stdout).calls, 50);
  assertEquals(report.probes.map(({ hits, delayed }) => [hits, delayed]), [[50, 50], [50, 50]]);
});

Deno.test("Go: functions and methods by name, exact although stacks grow and move", async () => {
  const program = fixture("go_app");
  const { report, stdout } = await runReport(
    [`${program}:main.hot=20us`, `${program}:main.(*counter).add`, `${program}:main.grow`],
    [program, "100", "4"],
  );
  const own = JSON.parse(stdout);
  assertEquals(report.probes.map(({ hits }) => hits), [own.hot, own.add, own.grow]);
  assertEquals([own.hot, own.add, own.grow], [400, 400, 804]);
});
