/** sb on the kernel module's backend: run, attach, doctor; and the same shapes as on eBPF. */
import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import {
  attach,
  examineMachine,
  type Isolation,
  parseSpec,
  run,
  type RunRequest,
  SbError,
  SpeedBumpFiles,
  splitSlow,
} from "../../../mod.ts";
import { startSb } from "../../control.ts";
import { fixture } from "../../fixtures/build.ts";
import { LineProcess } from "../../line_process.ts";
import { runReport } from "../../programs/report.ts";

const PROGRAM = fixture("bench_target");
const MODULE = new SpeedBumpFiles();
const POLL_MS = 20;

// A library opened in a test counts as that test's leak: open what sb keeps open before.
examineMachine();
await run({ ...requestOf([`${PROGRAM}:f_push`], ["true"]), backend: "ebpf" });

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += POLL_MS) {
    if (waitedMs > 60_000) throw new Error(`not within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A run on the module. @param slow as --slow has it */
function requestOf(slow: string[], command: string[]): RunRequest {
  const probes = slow.map((text) => {
    const { target, spec } = splitSlow(text);
    return { target, spec: parseSpec(spec ?? "0") };
  });
  return { probes, command, backend: "kmod", isolation: "auto", trampoline: false, user: null };
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
  for (const { report, code, stdout } of [ebpf, kmod]) {
    assertEquals([code, report.exit], [0, 0]);
    assertEquals(stdout.split("\n").filter((line) => line.includes('"fn"')).length, 2);
    assertEquals(report.probes.map(({ hits, delayed }) => [hits, delayed]), [[40, 20], [7, 0]]);
    assertGreaterOrEqual(report.probes[0].min_ns as number, 100_000);
  }
  assertEquals([ebpf.report.isolation, kmod.report.isolation], ["private-file", "per-process"]);
  assertEquals(MODULE.readTargets(), []);
});

Deno.test("a run's exit status and all that descends from its command are in the report", async () => {
  const script = `${PROGRAM} calls f_push 3; (setsid ${PROGRAM} calls f_push 4 & wait); exit 7`;
  const result = await run(requestOf([`${PROGRAM}:f_push=1ms`], ["/bin/sh", "-c", script]));
  assertEquals([result.exit, result.signal, result.probes[0].statistics.hits], [7, null, 7]);
  assertEquals([result.backend, result.isolation, result.bystanders], ["kmod", "per-process", undefined]);
});

Deno.test("how=sleep takes the module by itself, and the report says why", async () => {
  const request = requestOf([`${PROGRAM}:f_push=20ms,how=sleep`], [PROGRAM, "calls", "f_push", "10"]);
  const { probes: [{ statistics }], notes, backend } = await run({ ...request, backend: "auto" });
  assertEquals([backend, statistics.hits, statistics.delayed], ["kmod", 10, 10]);
  assertGreaterOrEqual(statistics.minNs as number, 20_000_000);
  assert(notes.some((note) => note.includes("only the kernel module can sleep")), notes.join("; "));
});

Deno.test("the window of a run begins at the command's exec", async () => {
  const { probes } = await run(
    requestOf(
      [`${PROGRAM}:f_push=0,duration=1h`, `${PROGRAM}:f_push=0,start=1h`],
      [PROGRAM, "calls", "f_push", "5"],
    ),
  );
  assertEquals(probes.map(({ statistics: { hits } }) => hits), [5, 0]);
});

Deno.test("a command that is not there, and what the module cannot do, leave nothing", async () => {
  const refused = async (request: RunRequest) => (await assertRejects(() => run(request), SbError)).code;
  assertEquals(await refused(requestOf([`${PROGRAM}:f_push=1ms`], ["/no/such"])), "command.not_found");
  const inexact = requestOf([`${PROGRAM}:f_push=1ms,probability=0.0000001`], ["touch", "/tmp/ran"]);
  assertEquals(await refused(inexact), "usage.delay");
  await assertRejects(() => Deno.stat("/tmp/ran"), Deno.errors.NotFound);
  for (const isolation of ["shared", "private-file"] satisfies Isolation[]) {
    const request = requestOf([`${PROGRAM}:f_push=1ms`], ["true"]);
    assertEquals(await refused({ ...request, isolation }), "isolation.unavailable");
  }
  assertEquals(MODULE.readTargets(), []);
});

Deno.test("attach slows a running tree, children of later forks included, and says when the tree ended", async () => {
  const program = new LineProcess(PROGRAM, ["wait"]);
  await program.readLine();
  const { probes } = requestOf([`${PROGRAM}:f_push=100us`], []);
  const request = { probes, backend: "kmod", isolation: "auto", trampoline: false } as const;
  const attached = Array.fromAsync(
    attach({ ...request, pid: program.pid, name: null, forNs: null, intervalNs: null }),
  );
  await until("the target is there", () => MODULE.readTargets().some(({ symbol }) => symbol === "f_push"));
  await program.send("calls f_push 10");
  await program.send("fork 3 f_push 5");
  await program[Symbol.asyncDispose]();
  const [{ backend, isolation, ended, probes: [{ statistics }] }] = await attached;
  assertEquals([backend, isolation, ended, statistics.hits], ["kmod", "per-process", "exited", 25]);
  assertEquals(MODULE.readTargets(), []);
});

Deno.test("SIGKILL of sb leaves no target, and the command goes on undelayed", async () => {
  const slow = `${PROGRAM}:f_push=1ms`;
  const sb = startSb(["run", "--backend=kmod", "--slow", slow, "--", PROGRAM, "loop", "f_push", "100"]);
  await until(
    "the probe is hit",
    () => MODULE.readTargets().some(({ hits, symbol }) => symbol === "f_push" && hits > 0),
  );
  const [{ members: [command] }] = MODULE.readScopes();
  try {
    sb.kill("SIGKILL");
    await sb.status;
    await until("the targets are gone", () => MODULE.readTargets().length === 0);
    await until("the scope is gone", () => MODULE.readScopes().length === 0);
    Deno.statSync(`/proc/${command}`);
  } finally {
    Deno.kill(command, "SIGKILL");
  }
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

Deno.test("doctor finds the module, and both backends usable", () => {
  const { ok, backends } = examineMachine();
  assertEquals([ok, backends.kmod], [true, { usable: true, why: null }]);
});
