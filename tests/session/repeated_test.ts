/** openRepeated() on real programs: figures, streams, isolation, and what ends. */
import { assert, assertEquals, assertGreater, assertRejects, assertStringIncludes } from "@std/assert";
import { openDescriptors, openFd, OpenFlags } from "../../ffi/mod.ts";
import { SbError } from "../../src/core/mod.ts";
import { openRepeated, type RepeatOptions, type RunAsked } from "../../src/session/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { root, skipUnless } from "../skip.ts";

const FILE = fixture("bench_target");
const PUSH = `${FILE}:f_push`;
const QUIET = { stdout: "null", stderr: "null" } as const;

/** A command that calls the function so often. */
function calling(count: number, more: Partial<RunAsked> = {}): RunAsked {
  return { command: [FILE, "calls", "f_push", String(count)], probes: [{ target: PUSH }], ...more };
}

function delayed(delayNs: number, more: Partial<RepeatOptions> = {}): RepeatOptions {
  return { delayNs, ...QUIET, ...more };
}

// A library opened in a test counts as that test's leak: open what sb keeps open before.
if (Deno.uid() === 0) {
  await using command = await openRepeated(calling(1));
  await command.run(delayed(0));
}

function test(title: string, fn: () => Promise<void>): void {
  Deno.test({ ...skipUnless(title, root()), fn });
}

/** Runs `act` with a file; gives what was written to it. */
async function written(act: (fd: number) => Promise<void>): Promise<string> {
  const path = await Deno.makeTempFile();
  try {
    using file = openFd(path, OpenFlags.rdwr);
    await act(file.fd);
    return await Deno.readTextFile(path);
  } finally {
    await Deno.remove(path);
  }
}

/** Whether a process has not ended; whether its parent knows is the parent's affair. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

for (const isolation of ["private-file", "shared", "per-process"] as const) {
  test(`openRepeated(): each run has its own delay and figures (${isolation})`, async () => {
    await using command = await openRepeated(calling(50, { isolation }));
    assertEquals([command.backend, command.isolation, command.probes.length], ["ebpf", isolation, 1]);
    for (const delayNs of [0, 30_000, 0, 10_000]) {
      const result = await command.run(delayed(delayNs));
      const { plan: { spec }, statistics: { hits, delayed: chosen, addedNs, overheadNs } } = result.probes[0];
      assertEquals([result.exit, hits, chosen], [0, 50, delayNs > 0 ? 50 : 0]);
      assertEquals(spec.delay, { kind: "fixed", ns: delayNs });
      assertGreater(result.wallNs, addedNs);
      assert(delayNs > 0 ? addedNs >= 50 * delayNs && overheadNs === 0 : addedNs === 0 && overheadNs > 0);
    }
  });
}

test("openRepeated() keeps schedules, which begin anew with each run", async () => {
  const probes = [{ target: PUSH, spec: "7us,every=10,times=3" }, {
    target: `${FILE}:f_mov`,
    duration: "1h",
  }];
  await using command = await openRepeated(calling(100, { probes }));
  for (let run = 0; run < 2; run++) {
    const { probes: [push, mov] } = await command.run(delayed(1000));
    assertEquals([push.statistics.hits, push.statistics.delayed, mov.statistics.hits], [100, 3, 0]);
    assertEquals(push.plan.spec.delayText, "1us");
  }
});

test("openRepeated() gives the command an empty input and the streams that are asked for", async () => {
  await using command = await openRepeated({
    command: ["sh", "-c", "cat; echo out; echo error >&2"],
    probes: [{ target: PUSH }],
  });
  let errors = "";
  const output = await written(async (stdout) => {
    errors = await written(async (stderr) => {
      for (let run = 0; run < 2; run++) await command.run(delayed(0, { stdout, stderr }));
    });
  });
  assertEquals([output, errors], ["out\nout\n", "error\nerror\n"]);
});

test("openRepeated() tells how the command ended, and fails for one that cannot start", async () => {
  await using failing = await openRepeated({
    command: ["sh", "-c", "kill -9 $$"],
    probes: [{ target: PUSH }],
  });
  for (let run = 0; run < 2; run++) {
    const { exit, signal } = await failing.run(delayed(0));
    assertEquals([exit, signal], [null, "SIGKILL"]);
  }
  await using missing = await openRepeated({ command: ["sb-no-such-command"], probes: [{ target: PUSH }] });
  const error = await assertRejects(() => missing.run(delayed(0)), SbError);
  assertEquals(error.code, "command.not_found");
});

test("commands that are open at the same time do not see each other's probes", async () => {
  const targets = ["f_push", "f_nop1", "f_push"];
  await using owned = new AsyncDisposableStack();
  const commands = [];
  for (const name of targets) {
    commands.push(owned.use(await openRepeated(calling(20, { probes: [{ target: `${FILE}:${name}` }] }))));
  }
  for (const turn of [0, 1, 2, 0]) {
    const { probes: [{ statistics }] } = await commands[turn].run(delayed(5000));
    assertEquals(statistics.hits, targets[turn] === "f_push" ? 20 : 0);
  }
});

test("what a run leaves behind goes on undelayed and is not counted in the next", async () => {
  const script = `${FILE} loop f_push 100 & echo $!`;
  await using command = await openRepeated({ command: ["sh", "-c", script], probes: [{ target: PUSH }] });
  const pids = (await written(async (stdout) => {
    await command.run(delayed(1000, { stdout }));
    await command.run(delayed(1000, { stdout }));
  })).trim().split("\n").map(Number).filter((pid) => pid > 0);
  assertEquals(pids.length, 2);
  try {
    await using quiet = await openRepeated({ command: ["true"], probes: [{ target: PUSH }] });
    assertEquals((await quiet.run(delayed(0))).probes[0].statistics.hits, 0);
    assertEquals(pids.filter(isRunning), pids);
  } finally {
    for (const pid of pids) Deno.kill(pid, "SIGKILL");
  }
});

test("a signal ends the command and all that it started, also what ignores SIGTERM", async () => {
  const script = `
    sh -c 'trap "" TERM; echo $$; while :; do sleep 0.1; done' &
    setsid sh -c 'echo $$; exec sleep 1000' &
    echo $$; ${FILE} calls f_push 3; wait`;
  await using command = await openRepeated({ command: ["sh", "-c", script], probes: [{ target: PUSH }] });
  const reason = new Error("enough");
  const stop = new AbortController();
  const path = await Deno.makeTempFile();
  try {
    using file = openFd(path, OpenFlags.rdwr);
    const run = command.run(delayed(10e9, { stdout: file.fd, signal: stop.signal }));
    const over = assertRejects(() => run, Error, "enough");
    const listed = () => Deno.readTextFileSync(path).split("\n").filter((line) => /^\d+$/.test(line));
    while (listed().length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort(reason);
    await over;
    assertEquals(listed().filter((pid) => isRunning(Number(pid))), []);
  } finally {
    await Deno.remove(path);
  }
  const next = new AbortController();
  next.abort(reason);
  await assertRejects(() => command.run(delayed(0, { signal: next.signal })), Error, "enough");
});

test("after a run that was ended the next one is as any", async () => {
  await using command = await openRepeated(calling(10));
  const run = command.run(delayed(10e9, { signal: AbortSignal.timeout(200) }));
  await assertRejects(() => run, DOMException);
  const { probes: [{ statistics }] } = await command.run(delayed(1000));
  assertEquals([statistics.hits, statistics.delayed, statistics.cut], [10, 10, 0]);
});

test("a delay that is none is refused, and so is a second run at a time", async () => {
  await using command = await openRepeated(calling(10));
  for (const delayNs of [-1, 0.5, 10e9 + 1, NaN]) {
    const error = await assertRejects(() => command.run(delayed(delayNs)), SbError);
    assertStringIncludes(error.code, "usage.");
  }
  const first = command.run(delayed(0));
  await assertRejects(() => command.run(delayed(0)), Error, "under way");
  assertEquals((await first).probes[0].statistics.hits, 10);
});

test("nothing of a command stays open when it is disposed of", async () => {
  const before = openDescriptors().size;
  for (let round = 0; round < 2; round++) {
    await using command = await openRepeated(calling(10));
    await command.run(delayed(1000));
  }
  await assertRejects(
    () => openRepeated(calling(1, { probes: [{ target: `${FILE}:no_such_function` }] })),
    SbError,
  );
  assertEquals(openDescriptors().size, before);
});
