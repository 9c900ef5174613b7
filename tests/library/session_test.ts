/** The library on real programs: sessions, single probes, commands, and what is left when a script ends. */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as sb from "../../mod.ts";
import { RealProgram } from "../conformance/program.ts";
import { fixture } from "../fixtures/build.ts";
import { root, skipUnless } from "../skip.ts";

const FILE = fixture("bench_target");
const PUSH = `${FILE}:f_push`;
const IS_ROOT = Deno.uid() === 0;

// A library opened in a test counts as that test's leak: open what sb keeps open before.
await sb.doctor();
await sb.plan({ target: PUSH, delay: "0" });
if (IS_ROOT) await sb.run({ command: ["true"], probes: [{ target: PUSH, delay: "0" }] });

function test(title: string, fn: () => Promise<void>): void {
  Deno.test({ ...skipUnless(title, root()), fn });
}

async function refusal(act: () => Promise<unknown>): Promise<sb.SbError> {
  return await assertRejects(act, sb.SbError);
}

test("a session on a program that runs: add, stats, update, remove", async () => {
  await using program = await RealProgram.start();
  await using session = await sb.open({ backend: "auto" });
  const [probe] = await session.add({ target: PUSH, delay: "5us", scope: { tree: program.pid }, every: 10 });
  assertEquals([session.backend, probe.isolation], ["ebpf", "per-process"]);
  await program.calls("f_push", 100);
  const before = probe.stats();
  assertEquals([before.statistics.hits, before.statistics.delayed], [100, 10]);
  await probe.update({ delay: "10us" });
  await program.calls("f_push", 100);
  const { statistics, floor } = await probe.remove();
  assertEquals([statistics.hits, statistics.delayed], [200, 20]);
  assertGreaterOrEqual(statistics.addedNs, 10 * 5000 + 10 * 10_000);
  assertEquals(floor.source, "calibrated");
  await program.calls("f_push", 100);
  assertEquals(probe.stats().statistics.hits, 200);
});

test("one probe alone is removed at the end of its block", async () => {
  await using program = await RealProgram.start();
  {
    await using probe = await sb.probe({ target: PUSH, delay: "10ms", pid: program.pid });
    await program.calls("f_push", 2);
    assertEquals(probe.stats().statistics.delayed, 2);
  }
  assertLess(await program.calls("f_push", 1000), 1000 * 10_000_000);
});

test("one probe alone takes no pattern of several functions, and leaves nothing of it", async () => {
  await using program = await RealProgram.start();
  const error = await refusal(() => sb.probe({ target: `${FILE}:f_nop?`, delay: "10ms", pid: program.pid }));
  assertEquals(error.code, "usage.target");
  assertLess(await program.calls("f_nop1", 100), 100 * 10_000_000);
});

test("a probe ends with its program, and so does a session of one; the last figures stay", async () => {
  const program = await RealProgram.start();
  const probe = await sb.probe({ target: PUSH, delay: "1us", pid: program.pid });
  await program.calls("f_push", 7);
  await program[Symbol.asyncDispose]();
  assertEquals(await probe.ended, "scope empty");
  assertEquals((await probe.remove()).statistics.hits, 7);
});

test("sessions of one process have nothing to do with each other, one after the other and side by side", async () => {
  await using program = await RealProgram.start();
  for (let round = 0; round < 3; round++) {
    await using first = await sb.open();
    await using second = await sb.open();
    const asked = { target: PUSH, delay: "0", pid: program.pid };
    const [one] = await first.add(asked);
    const [other] = await second.add(asked);
    await program.calls("f_push", 3);
    await first[Symbol.asyncDispose]();
    await program.calls("f_push", 4);
    assertEquals([one, other].map((probe) => probe.stats().statistics.hits), [3, 7]);
  }
});

test("a session tells how late forked children got their breakpoints, also when the probe is gone", async () => {
  await using program = await RealProgram.start();
  await using session = await sb.open();
  const [probe, shared] = await session.add([
    { target: PUSH, delay: "0", pid: program.pid },
    { target: `${FILE}:f_mov`, delay: "0", pid: program.pid, isolation: "shared" },
  ]);
  assertEquals([session.notes, probe.late.processes], [[], 0]);
  for (let calls = 100_000; probe.late.processes === 0; calls *= 4) await program.spawn("f_push", calls);
  assert(probe.late.medianNs > 0 && probe.late.longestNs >= probe.late.medianNs);
  assertEquals(shared.late.processes, 0);
  await session.clear();
  assertEquals(session.notes.length, 1);
  assertStringIncludes(session.notes[0], `forked meanwhile in the tree of ${program.pid}`);
  assertStringIncludes(session.notes[0], 'isolation: "shared"');
});

test("`shared` breakpoints trap others, who are turned away and counted", async () => {
  await using program = await RealProgram.start();
  await using other = await RealProgram.start();
  await using session = await sb.open();
  const [probe] = await session.add({ target: PUSH, delay: "10ms", pid: program.pid, isolation: "shared" });
  await other.calls("f_push", 50);
  assertEquals([probe.isolation, probe.outside, probe.stats().statistics.hits], ["shared", 50, 0]);
});

test("how=sleep is refused by eBPF, in an add and in an update", async () => {
  await using program = await RealProgram.start();
  await using session = await sb.open({ backend: "ebpf" });
  const asked = { target: PUSH, delay: "1ms", pid: program.pid } as const;
  assertEquals(
    (await refusal(() => session.add({ ...asked, how: "sleep" }))).code,
    "probe.sleep_unsupported",
  );
  const [probe] = await session.add(asked);
  assertEquals((await refusal(() => probe.update({ how: "sleep" }))).code, "probe.sleep_unsupported");
});

test("run() starts a command slowed, handles no signal, and reports", async () => {
  const result = await sb.run({
    command: [FILE, "calls", "f_push", "100"],
    probes: [{ target: PUSH, delayNs: 20_000, every: 2 }, { target: PUSH, at: "return", delay: "0" }],
  });
  assertEquals([result.exit, result.signal, result.isolation], [0, null, "private-file"]);
  assertEquals(result.probes.map(({ statistics: { hits, delayed } }) => [hits, delayed]), [[100, 50], [
    100,
    0,
  ]]);
});

Deno.test("run() refuses what it does not know before anything is started", async () => {
  const probes = [{ target: PUSH, delay: "1us" }];
  for (
    const [asked, seen] of [
      [{ command: [], probes }, "at least one word"],
      [{ command: ["true", 5], probes }, "at least one word"],
      [{ command: "true", probes }, "it is a string"],
      [{ command: ["true"], probes: [{ target: PUSH }] }, "no delay"],
      [{ command: ["true"], probes, backnd: "ebpf" }, '"backnd"'],
      [{ command: ["true"], probes, backend: "eBPF" }, "not one of auto"],
      [{ command: ["true"], probes: [{ ...probes[0], pid: 1 }] }, '"pid"'],
    ] as const
  ) {
    const error = await refusal(() => sb.run(asked as unknown as sb.RunAsked));
    assertStringIncludes(error.message, seen);
    assert(error.code.startsWith("usage."), error.code);
  }
});

Deno.test("plan() and symbols() need no privilege; symbols() ends where its reader stops", async () => {
  const { probes } = await sb.plan([{ target: PUSH, delay: "1us" }, {
    target: `${FILE}:f_mov`,
    delay: "exp:2us",
  }]);
  assertEquals(probes.map(({ symbol }) => symbol), ["f_push", "f_mov"]);
  const found: string[] = [];
  for await (const { name } of sb.symbols(FILE, "f_nop?")) {
    found.push(name);
    if (found.length === 2) break;
  }
  assertEquals(found.length, 2);
  assert(found.every((name) => /^f_nop.$/.test(name)));
});

/** Starts a script that slows a program by 5 s a call, with somebody else's rights if asked. */
function startScript(body: string, { prefix = [] as string[] } = {}): Deno.ChildProcess {
  const code = `import * as sb from ${
    JSON.stringify(new URL("../../mod.ts", import.meta.url).href)
  };\n${body}`;
  const [command, ...args] = [
    ...prefix,
    Deno.execPath(),
    "run",
    "-A",
    "--no-prompt",
    "--quiet",
    "--ext=ts",
    "-",
  ];
  const child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  void writer.write(new TextEncoder().encode(code)).then(() => writer.close());
  return child;
}

for (const signal of ["SIGKILL", "SIGINT"] as const) {
  test(`a script that ends by ${signal} leaves no probe, even in the midst of a delay`, async () => {
    await using program = await RealProgram.start();
    const script = startScript(`
await sb.probe({ target: ${JSON.stringify(PUSH)}, delay: "10s", pid: ${program.pid} });
console.log("live");
setInterval(() => {}, 1000);
`);
    const output = script.stdout.getReader();
    assertEquals(new TextDecoder().decode((await output.read()).value), "live\n");
    const { over } = await program.callsInDelay("f_push", 100);
    script.kill(signal);
    // Nothing of the library has handled the signal.
    assertEquals((await script.status).signal, signal);
    await over;
    assertLess(await program.calls("f_push", 100), 100 * 10_000_000);
    await output.cancel();
    await script.stderr.cancel();
  });
}

test("without privilege the error names the capabilities that are missing", async () => {
  const script = startScript(
    `
try {
  await sb.open({ backend: "ebpf" });
} catch (error) {
  console.log(error.code, error.message);
}
`,
    { prefix: ["/usr/bin/setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin", "--inh-caps=-all"] },
  );
  const { stdout, stderr } = await script.output();
  assertEquals(
    [new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)],
    [
      "permission.capability Cannot attach probes: the capabilities CAP_BPF, CAP_PERFMON are missing\n",
      "",
    ],
  );
});
