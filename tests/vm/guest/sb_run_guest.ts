/** sb on the kernel module's backend, as a user has it: run, attach, module, doctor; and the same shapes as on eBPF. */
import { assert, assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { SpeedBumpFiles } from "../../../src/probe/mod.ts";
import { runSb, startSb } from "../../control.ts";
import { fixture } from "../../fixtures/build.ts";
import { LineProcess } from "../../line_process.ts";
import { runReport } from "../../programs/report.ts";

const PROGRAM = fixture("bench_target");
const MODULE = new SpeedBumpFiles();
const POLL_MS = 20;

// A library opened in a test counts as that test's leak: open libc before.
MODULE.setDefaultDelayNs(MODULE.defaultDelayNs);

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += POLL_MS) {
    if (waitedMs > 60_000) throw new Error(`not within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Names and types of a document's members; of an array those of its first element. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}

Deno.test("the same run gives the same JSON shape, hits and delays on both backends", async () => {
  const slow = [`${PROGRAM}:f_push=100us,every=2`, `${PROGRAM}:f_mov`];
  const command = [PROGRAM, "calls", "f_push", "40", "f_mov", "7"];
  const ebpf = await runReport(slow, command, ["--backend=ebpf"]);
  const kmod = await runReport(slow, command, ["--backend=kmod"]);
  const shape = (report: object) => shapeOf({ ...report, notes: [] });
  assertEquals(shape(kmod.report), shape(ebpf.report));
  for (const { report, code } of [ebpf, kmod]) {
    assertEquals([code, report.exit], [0, 0]);
    assertEquals(report.probes.map(({ hits, delayed }) => [hits, delayed]), [[40, 20], [7, 0]]);
    assertGreaterOrEqual(report.probes[0].min_ns as number, 100_000);
  }
  assertEquals([ebpf.report.isolation, kmod.report.isolation], ["private-file", "per-process"]);
  assertEquals(MODULE.readTargets(), []);
});

Deno.test("a run's exit status, output and children are the command's with the module too", async () => {
  const script = `${PROGRAM} calls f_push 3; (setsid ${PROGRAM} calls f_push 4 & wait); exit 7`;
  const { report, code, stdout } = await runReport(
    [`${PROGRAM}:f_push=1ms`],
    ["/bin/sh", "-c", script],
    ["--backend=kmod"],
  );
  assertEquals([code, report.exit, report.probes[0].hits], [7, 7, 7]);
  assertEquals(stdout.split("\n").filter((line) => line.includes('"fn"')).length, 2);
});

Deno.test("how=sleep runs on the module by itself, and the report says why", async () => {
  const { report } = await runReport(
    [`${PROGRAM}:f_push=20ms,how=sleep`],
    [PROGRAM, "calls", "f_push", "10"],
  );
  const { probes: [{ hits, delayed, min_ns }], notes } = report;
  assertEquals([hits, delayed], [10, 10]);
  assertGreaterOrEqual(min_ns as number, 20_000_000);
  assert(notes.some((note) => note.includes("only the kernel module can sleep")), notes.join("; "));
});

Deno.test("the window of a run begins at the command's exec", async () => {
  const { report } = await runReport(
    [`${PROGRAM}:f_push=0,duration=1h`, `${PROGRAM}:f_push=0,start=1h`],
    [PROGRAM, "calls", "f_push", "5"],
    ["--backend=kmod"],
  );
  assertEquals(report.probes.map(({ hits }) => hits), [5, 0]);
});

Deno.test("SIGKILL of sb leaves no target, and the command goes on undelayed", async () => {
  const sb = startSb([
    "run",
    "--backend=kmod",
    "--slow",
    `${PROGRAM}:f_push=1ms`,
    "--",
    PROGRAM,
    "loop",
    "f_push",
    "100",
  ]);
  await until(
    "the probe is hit",
    () => MODULE.readTargets().some(({ hits, symbol }) => symbol === "f_push" && hits > 0),
  );
  const [{ members: [command] }] = MODULE.readScopes();
  try {
    sb.kill("SIGKILL");
    await sb.status;
    await until("the targets are gone", () => MODULE.readTargets().length === 0);
    assertEquals(MODULE.readScopes(), []);
    Deno.statSync(`/proc/${command}`);
  } finally {
    Deno.kill(command, "SIGKILL");
  }
});

Deno.test("a command that is not there, and one that cannot be probed, leave nothing", async () => {
  const missing = await runSb(["run", "--backend=kmod", "--slow", `${PROGRAM}:f_push=1ms`, "--", "/no/such"]);
  assertEquals(missing.code, 127);
  const taken = `${PROGRAM}:f_push`;
  const ppm = await runSb([
    "run",
    "--backend=kmod",
    "--slow",
    `${taken}=1ms,probability=0.0000001`,
    "--",
    "true",
  ]);
  assertEquals(ppm.code, 2);
  assertStringIncludes(ppm.stderr, "millionths");
  for (const isolation of ["shared", "private-file"]) {
    const args = [
      "run",
      "--backend=kmod",
      `--isolation=${isolation}`,
      "--slow",
      `${taken}=1ms`,
      "--",
      "true",
    ];
    const { code, stderr } = await runSb(args);
    assertEquals(code, 3);
    assertStringIncludes(stderr, "hint: Use --isolation=per-process");
  }
  assertEquals(MODULE.readTargets(), []);
});

Deno.test("attach slows a running tree on the module, children of later forks included", async () => {
  await using program = new LineProcess(PROGRAM, ["wait"]);
  await program.readLine();
  const args = ["attach", "--json", "-o", "-", "--backend=kmod", "--pid", String(program.pid), "--for", "8s"];
  const sb = new Deno.Command(new URL("../../../scripts/sb", import.meta.url).pathname, {
    args: [...args, "--slow", `${PROGRAM}:f_push=100us`],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  await until("the target is there", () => MODULE.readTargets().some(({ symbol }) => symbol === "f_push"));
  await program.send("calls f_push 10");
  await program.send("fork 3 f_push 5");
  const { stdout } = await sb.output();
  const report = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([report.backend, report.isolation, report.ended], ["kmod", "per-process", "time"]);
  assertEquals(report.probes[0].hits, 25);
  assertEquals(MODULE.readTargets(), []);
});

Deno.test("sb is no part of the tree that it was started from", async () => {
  // sb makes its system calls by that function; the shell waits.
  const sb = new URL("../../../scripts/sb", import.meta.url).pathname;
  const options = "--backend=kmod --for 1s --slow libc.so.6:syscall --json -o -";
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", `${sb} attach --pid $$ ${options}; exit`],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  const report = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([report.backend, report.ended, report.probes[0].hits], ["kmod", "time", 0]);
});

Deno.test("doctor finds the module, and both backends usable", async () => {
  const { stdout, code } = await runSb(["doctor", "--json"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout).backends.kmod, { usable: true, why: null });
});
