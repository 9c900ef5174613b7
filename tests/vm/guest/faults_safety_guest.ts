/** What once crashed or hung kernels: one test a fault. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { fixture } from "../../fixtures/build.ts";
import {
  attempt,
  command,
  enable,
  fresh,
  read,
  refuse,
  ROOT,
  run,
  shell,
  target,
  targets,
  until,
} from "../kernel_module.ts";
import { armed, endProcess, Folder, Program } from "../program.ts";

/** A delay that a test would notice. */
const LONG_NS = 10e9;
const SOON_MS = 5000;

async function timed(action: () => Promise<unknown> | void): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

Deno.test("umount of a file system with a target is busy, and works once the target is removed", async () => {
  using _module = fresh();
  using folder = new Folder();
  const mount = `${folder.path}/mount`;
  shell(`mkdir ${mount} && mount -t tmpfs tmpfs ${mount}`);
  const path = `${mount}/program`;
  Deno.copyFileSync(fixture("bench_target"), path);
  command(`+${path}:f_push 5`);
  enable(true);
  {
    await using program = await Program.start(path);
    await program.send("calls f_push 5");
  }
  const { code, text } = run("umount", mount);
  assert(code !== 0);
  assertMatch(text, /busy/);
  command(`-${path}:f_push`);
  assertEquals(run("umount", mount), { code: 0, text: "" });
});

Deno.test("a file system that is unmounted lazily under a target stays whole until the target goes", async () => {
  using _module = fresh();
  using folder = new Folder();
  const mount = `${folder.path}/mount`;
  shell(`mkdir ${mount} && mount -t tmpfs tmpfs ${mount}`);
  const path = `${mount}/program`;
  Deno.copyFileSync(fixture("bench_target"), path);
  command(`+${path}:f_push 5 tag=t`);
  enable(true);
  await using program = await Program.start(path);
  shell(`umount -l ${mount}`);
  assertEquals(target("t").isStale, true);
  await program.send("calls f_push 5");
  assertEquals(target("t").hits, 5);
  command("-@t");
});

Deno.test("rmmod races writers and readers of every file, and wins without an oops", async () => {
  using folder = new Folder();
  const path = folder.copy("bench_target");
  const go = folder.write("go", "");
  // With pauses: whoever only spins would starve the rest of a busy machine.
  const loop = (text: string) =>
    `while [ -e ${go} ]; do ${text}; read -rt 0.1 <> <(:); done 2>>${folder.path}/said; true`;
  const workers = [
    loop(`echo "+${path}:f_push 10 pid=$$" > ${ROOT}/targets; echo "=${path}:f_push 20" > ${ROOT}/targets`),
    loop(`echo "+${path}:f_push 10" > ${ROOT}/targets; echo "-*" > ${ROOT}/targets`),
    loop(
      `echo "+${path}:f_nop1 10 owner=$$" > ${ROOT}/targets; echo 1 > ${ROOT}/enabled; echo 0 > ${ROOT}/enabled`,
    ),
    loop(`cat ${ROOT}/targets_list ${ROOT}/stats ${ROOT}/scopes ${ROOT}/histograms > /dev/null`),
    loop(`${path} calls f_push 200 f_nop1 200 > /dev/null`),
  ].map((script) => new Deno.Command("bash", { args: ["-c", script], stdin: "null" }).spawn());
  try {
    for (let round = 0; round < 3; round++) shell("sleep 0.1; rmmod speed_bump; insmod $SB_MODULE");
  } finally {
    Deno.removeSync(go);
    await Promise.all(workers.map(({ status }) => status));
  }
  using _module = fresh();
  const expected =
    /No such file or directory|No such device|Device or resource busy|File exists|Permission denied|^cat: .*Input/;
  const said = Deno.readTextFileSync(`${folder.path}/said`).trim().split("\n");
  assertEquals(said.filter((text) => !expected.test(text)), []);
});

Deno.test("a child of the kernel's own (a core dump's pipe) ends the walk to its ancestors: it is in no scope", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  command(`+${path}:f_push 5 pid=${program.pid} tag=scoped`, `+${path}:f_push 5 tag=all`);
  // The parent of all kernel threads, one of which makes the helper.
  command(`+${path}:f_push 5 pid=2 tag=kernel`);
  enable(true);
  const pattern = Deno.readTextFileSync("/proc/sys/kernel/core_pattern");
  Deno.writeTextFileSync("/proc/sys/kernel/core_pattern", `|${path} calls f_push 3`);
  try {
    run("bash", "-c", "ulimit -c unlimited; kill -SEGV $$");
    await until("the helper called", () => target("all").hits === 3);
  } finally {
    Deno.writeTextFileSync("/proc/sys/kernel/core_pattern", pattern);
  }
  assertEquals(["scoped", "kernel"].map((tag) => target(tag).hits), [0, 3]);
});

Deno.test("a FIFO as PATH is refused at once, though nobody writes to it", async () => {
  using _module = fresh();
  using folder = new Folder();
  shell(`mkfifo ${folder.path}/fifo`);
  assertLess(await timed(() => refuse({ ENOEXEC: [`+${folder.path}/fifo:f_push 5`] })), SOON_MS);
});

Deno.test("data in an executable segment is not overwritten with a breakpoint", () => {
  using _module = fresh();
  using folder = new Folder();
  enable(true);
  for (const name of ["odd_symbols", "odd_symbols_one_segment"] as const) {
    const path = folder.copy(name);
    for (const symbol of ["table", "constants", "inside"]) attempt(`+${path}:${symbol} 5`);
    assertEquals(run(path), { code: 0, text: "10100\n" });
  }
});

for (const how of ["spin", "sleep"]) {
  Deno.test(`SIGKILL ends a ${how} of 10 s`, async () => {
    using _module = fresh();
    using folder = new Folder();
    const path = folder.copy("bench_target");
    await using program = await Program.start(path);
    command(`+${path}:f_push ${LONG_NS} how=${how} tag=t`);
    enable(true);
    const call = program.send("calls f_push 1");
    await until("the delay has begun", () => target("t").hits === 1);
    assertLess(await timed(() => (program.kill(), program.ended.then(() => {}))), SOON_MS);
    await call.catch(() => {});
    const { hits, delayed, cut, addedNs } = target("t");
    assertEquals([hits, delayed, cut, addedNs], [1, 1, 1, 0]);
  });

  Deno.test(`neither -* nor any other file waits for a ${how} of 10 s, and the caller goes on`, async () => {
    using _module = fresh();
    using folder = new Folder();
    const path = folder.copy("bench_target");
    await using program = await Program.start(path);
    command(`+${path}:f_push ${LONG_NS} how=${how} tag=t`, `+${path}:f_nop1 5`);
    enable(true);
    const call = program.send("calls f_push 1");
    await until("the delay has begun", () => target("t").hits === 1);
    const waited = await timed(async () => {
      for (const file of ["targets_list", "stats", "scopes", "histograms", "enabled"]) read(file);
      command(`+${path}:f_mov 5`, `-${path}:f_nop1`, "=@t 7");
      command("-*");
      await call;
    });
    assertLess(waited, SOON_MS);
    assertEquals(targets(), []);
    assertEquals(armed(program.pid, path, "f_push"), "code");
  });
}

Deno.test("a process that is stopped in a delay, or traced, is delayed and goes on", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  command(`+${path}:f_push 1000000 tag=t`);
  enable(true);
  await using program = await Program.start(path);
  const call = program.send("calls f_push 200");
  for (let round = 0; round < 10; round++) {
    program.kill("SIGSTOP");
    program.kill("SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await call;
  assertEquals([target("t").hits, target("t").delayed, target("t").cut], [200, 200, 0]);
  assertMatch(shell(`strace -f -o /dev/null ${path} calls f_push 20`), /"n":20/);
  assertEquals(target("t").hits, 220);
});

Deno.test("the owner of a delay in flight may end, and the delay ends with it", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const owner = new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn();
  command(`+${path}:f_push ${LONG_NS} owner=${owner.pid} tag=t`);
  const call = program.send("calls f_push 1");
  await until("the delay has begun", () => target("t").hits === 1);
  assertLess(await timed(async () => (endProcess(owner.pid), await owner.status, await call)), SOON_MS);
  await until("the target is gone", () => targets().length === 0);
});
