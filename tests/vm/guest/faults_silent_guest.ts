/** What once went wrong in silence: one test a fault. */
import { assertEquals, assertGreater, assertGreaterOrEqual, assertLess, assertMatch } from "@std/assert";
import { fixture } from "../../fixtures/build.ts";
import {
  command,
  enable,
  fresh,
  line,
  read,
  refuse,
  ROOT,
  shell,
  target,
  targets,
  totals,
  until,
} from "../kernel_module.ts";
import { armed, Folder, Program } from "../program.ts";

Deno.test("an IFUNC is refused: its resolver, which its address is, is not probed in its place", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("odd_symbols");
  enable(true);
  refuse({ EADDRNOTAVAIL: [`+${path}:chosen 5`] });
  command(`+${path}:second 5 tag=other`, `+${path}:first 5 tag=implementation`);
  shell(path);
  assertEquals([target("implementation").hits, target("other").hits], [1, 0]);
});

Deno.test("a program of an overlay's lower layer is hit, by the path of the overlay", async () => {
  using _module = fresh();
  // The guest's root is an overlay, and the fixtures are below it.
  const path = fixture("bench_target");
  await using program = await Program.start(path);
  command(`+${path}:f_push 5 tag=t`);
  enable(true);
  assertEquals(armed(program.pid, path, "f_push"), "breakpoint");
  await program.send("calls f_push 7");
  shell(`${path} calls f_push 3`);
  const { hits, isStale } = target("t");
  assertEquals([hits, isStale], [10, false]);
});

Deno.test("a copy-up makes the target stale; a new one is hit in the upper layer", () => {
  using _module = fresh();
  using folder = new Folder();
  const at = folder.path;
  shell(`cd ${at} && mkdir lower upper work merged && cp ${fixture("bench_target")} lower/program &&
    mount -t overlay -o lowerdir=${at}/lower,upperdir=${at}/upper,workdir=${at}/work overlay ${at}/merged`);
  try {
    const path = `${at}/merged/program`;
    enable(true);
    command(`+${path}:f_push 5 tag=lower`);
    shell(`${path} calls f_push 3`);
    assertEquals([target("lower").hits, target("lower").isStale], [3, false]);
    Deno.chmodSync(path, 0o700);
    assertEquals(target("lower").isStale, true);
    assertMatch(line("lower"), / stale=1$/);
    command(`+${path}:f_push 5 tag=upper`);
    shell(`${path} calls f_push 4`);
    assertEquals([target("lower").hits, target("upper").hits, target("upper").isStale], [3, 4, false]);
    command("-@lower", "-@upper");
  } finally {
    shell(`umount ${at}/merged`);
  }
});

Deno.test("a binary that is replaced is stale=1; the processes of the old one are delayed still", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  enable(true);
  command(`+${path}:f_push 5 tag=old`);
  await using program = await Program.start(path);
  assertEquals(target("old").isStale, false);
  Deno.renameSync(folder.copy("bench_target", "new"), path);
  assertEquals(target("old").isStale, true);
  shell(`${path} calls f_push 9`);
  await program.send("calls f_push 4");
  assertEquals(target("old").hits, 4);
  command(`+${path}:f_push 5 tag=new`);
  shell(`${path} calls f_push 9`);
  assertEquals([target("old").hits, target("new").hits], [4, 9]);
  assertEquals(targets().map(({ isStale }) => isStale), [true, false]);
});

Deno.test("a binary that is removed is stale=1, until one is there again", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  command(`+${path}:f_push 5 tag=t`);
  Deno.renameSync(path, `${path}.away`);
  assertEquals(target("t").isStale, true);
  Deno.renameSync(`${path}.away`, path);
  assertEquals(target("t").isStale, false);
  Deno.removeSync(path);
  assertEquals(target("t").isStale, true);
  folder.copy("bench_target");
  assertEquals(target("t").isStale, true);
});

Deno.test("a symlink and a hard link are no second target that is paid too, and either name removes it", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  shell(`cd ${folder.path} && ln -s bench_target symlink && ln bench_target hardlink`);
  command(`+${folder.path}/symlink:f_push 5`);
  refuse({ EEXIST: [`+${path}:f_push 5`, `+${folder.path}/hardlink:f_push 5`] });
  enable(true);
  await using program = await Program.start(`${folder.path}/hardlink`);
  await program.send("calls f_push 6");
  assertEquals(targets().map((row) => [row.path, row.hits]), [[`${folder.path}/symlink`, 6]]);
  command(`=${path}:f_push 9`);
  assertEquals(targets()[0].delayNs, 9);
  command(`-${folder.path}/hardlink:f_push`);
  assertEquals(targets(), []);
});

Deno.test("pid= is a number of the writer's pid namespace, and the lists speak the reader's", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  enable(true);
  // In the namespace the shell is process 1, as init is outside.
  const inside = shell(`unshare --pid --fork --mount-proc bash -c 'set -e
    echo "+${path}:f_push 5 pid=1 tag=t" > ${ROOT}/targets
    ${path} calls f_push 6 > /dev/null
    cat ${ROOT}/targets_list ${ROOT}/scopes
    cat ${ROOT}/scopes > /dev/null'`);
  assertMatch(inside, / hits=6 pid=1 /);
  assertMatch(inside, /^pid=1 targets=1 untracked=0 members=1,\d+$/m);
  shell(`${path} calls f_push 100`);
  const { hits, pid } = target("t");
  assertEquals(hits, 6);
  assertGreater(pid as number, 1);
});

Deno.test("a reader that cannot see a process reads 0", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  command(`+${path}:f_push 5 pid=${program.pid} owner=${Deno.pid}`);
  const inside = shell(`unshare --pid --fork --mount-proc cat ${ROOT}/targets_list ${ROOT}/scopes`);
  assertMatch(inside, / pid=0 id=\d+ owner=0 /);
  assertMatch(inside, /^pid=0 targets=1 untracked=0 members=0$/m);
});

Deno.test("a descendant whose parents have ended stays in the scope, and so do its children", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  command(`+${path}:hot 0 pid=${program.pid} tag=t`);
  enable(true);
  await program.send("once orphan 11");
  assertEquals(target("t").hits, 11);
  const orphan = await program.keep("orphan");
  assertMatch(Deno.readTextFileSync(`/proc/${orphan}/status`), /^PPid:\t(?!0)/m);
  const before = target("t").hits;
  await until("the orphan is counted", () => target("t").hits > before + 20);
});

Deno.test("total_delay_ns is what was measured, not what was asked", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const before = totals();
  command(`+${path}:f_push 10000000000 tag=long`, `+${path}:f_nop1 2000000 tag=short`);
  enable(true);
  const call = program.send("calls f_push 1");
  await until("the delay has begun", () => target("long").hits === 1);
  command("-@long");
  await call;
  await program.send("calls f_nop1 3");
  const { minNs, addedNs } = target("short");
  assertGreaterOrEqual(minNs as number, 2_000_000);
  const added = totals().totalDelayNs - before.totalDelayNs;
  assertGreaterOrEqual(added, addedNs);
  assertLess(added, 10e9);
  assertEquals(totals().totalCut - before.totalCut, 1);
  assertEquals(read("stats").includes(`total_hits: ${before.totalHits + 4}\n`), true);
});
