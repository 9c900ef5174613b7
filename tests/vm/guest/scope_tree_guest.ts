/** Scopes: which processes are in one, by the hits that are counted and by the list of members. */
import { assertEquals, assertLess } from "@std/assert";
import { command, enable, fresh, scopes, shell, target, until } from "../kernel_module.ts";
import { armed, endProcess, Folder, Program } from "../program.ts";

/** A delay that tells who pays it. */
const DELAY_NS = 2_000_000;

interface Family {
  path: string;
  program: Program;
}

/** `family` with a target t in the scope of its root. */
async function withFamily(run: (family: Family) => Promise<void>, delayNs = 0): Promise<void> {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  command(`+${path}:hot ${delayNs} pid=${program.pid} tag=t`);
  enable(true);
  await run({ path, program });
}

const hits = () => target("t").hits;
const members = () => scopes()[0].members.sort((x, y) => x - y);

for (const how of ["fork", "vfork", "clone_vm", "nephew", "setsid", "orphan", "thread"]) {
  Deno.test(`a relative made by ${how} is in the scope, and delayed`, async () => {
    await withFamily(async ({ program }) => {
      const calls = 7;
      const [{ wall_ns }] = await program.send(`once ${how} ${calls}`);
      assertEquals(hits(), calls);
      assertLess(calls * DELAY_NS * 0.99, wall_ns);
      await until("it has left the scope", () => members().length === 1);
      assertEquals(members(), [program.pid]);
    }, DELAY_NS);
  });
}

Deno.test("an exec keeps its process in the scope, with a new address space", async () => {
  await withFamily(async ({ path, program }) => {
    await program.send("calls 3");
    await program.send("exec\ncalls 4");
    assertEquals(hits(), 7);
    assertEquals(armed(program.pid, path, "hot"), "breakpoint");
  });
});

Deno.test("a script's commands are in the scope of its shell, in the background and in subshells too", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  enable(true);
  shell(`echo "+${path}:f_push 0 pid=$$ tag=t" > /sys/kernel/speed_bump/targets
    ${path} calls f_push 1; (${path} calls f_push 2); ${path} calls f_push 4 & wait
    bash -c 'exec ${path} calls f_push 8'; setsid -w ${path} calls f_push 16
    (setsid ${path} calls f_push 32 & wait); ${path} calls f_push 64 | cat`);
  assertEquals(hits(), 127);
});

Deno.test("a process out of the scope, a parent and a sibling are neither counted nor delayed", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using parent = await Program.start(path);
  const [child, sibling] = [await parent.keep("fork"), await parent.keep("fork")];
  await using stranger = await Program.start(path);
  command(`+${path}:hot 500000000 pid=${child} tag=t`);
  enable(true);
  assertLess(await parent.time("calls 100"), 500_000_000);
  assertLess(await stranger.time("calls 100"), 500_000_000);
  await until("the child is delayed", () => target("t").hits > 0);
  const processes = [parent.pid, stranger.pid, sibling, child];
  assertEquals(processes.map((pid) => armed(pid, path, "hot")), ["code", "code", "code", "breakpoint"]);
  assertEquals([members(), target("t").outside], [[child], 0]);
});

Deno.test("the whole tree that runs already comes into the scope: children, orphans that it can still see", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  const kept = [await program.keep("fork"), await program.keep("setsid"), await program.keep("clone_vm")];
  command(`+${path}:hot 0 pid=${program.pid} tag=t`);
  assertEquals(members(), [program.pid, ...kept].sort((x, y) => x - y));
  enable(true);
  await until("all call", () => hits() > 50);
  endProcess(kept[0]);
  await until("the child has left", () => members().length === 3);
});

Deno.test("a chain of ten generations, each ending before the next calls, is counted to its end", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  command(`+${path}:f_push 0 pid=${program.pid} tag=t`);
  enable(true);
  await program.send("fork 10 f_push 10");
  await program.send("threads 8 f_push 100");
  await program.send("daemon f_push 5");
  assertEquals([hits(), target("t").misses, scopes()[0].untracked], [905, 0, 0]);
});

Deno.test("the scope outlives its root, and ends with its last member without a trace", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  let orphan = 0;
  {
    await using program = await Program.start(path);
    command(`+${path}:hot 0 pid=${program.pid} tag=t`);
    enable(true);
    [{ pid: orphan }] = await program.send("keep orphan 0");
    program.kill();
    await program.ended;
  }
  try {
    assertEquals(members(), [orphan]);
    const before = hits();
    await until("the orphan is counted", () => hits() > before + 10);
  } finally {
    endProcess(orphan);
  }
  await until("the scope is empty", () => members().length === 0);
  assertEquals(scopes()[0].targets, 1);
});

Deno.test("a number used again is another process: it is not in the scope", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  enable(true);
  // Deno may fork meanwhile: the shell tries until the number comes back.
  const text = shell(`
    ${path} loop f_nop1 100000 & first=$!
    echo "+${path}:f_push 0 pid=$first tag=t" > /sys/kernel/speed_bump/targets
    kill -9 $first; wait $first 2>/dev/null
    for try in $(seq 50); do
      echo $((first - 1)) > /proc/sys/kernel/ns_last_pid
      ${path} calls f_push 11 > /tmp/reused & second=$!
      wait $second
      [ $second = $first ] && echo again && break
    done`);
  assertEquals(text, "again\n");
  assertEquals([target("t").hits, members()], [0, []]);
});

Deno.test("a scope that is updated arms the new tree and frees the old one at once", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using first = await Program.start(path);
  await using second = await Program.start(path);
  await using third = await Program.start(path);
  const seen = () => [first, second, third].map(({ pid }) => armed(pid, path, "hot"));
  const count = async () => {
    const before = hits();
    for (const program of [first, second, third]) await program.send("calls 5");
    return hits() - before;
  };
  command(`+${path}:hot 0 pid=${first.pid} tag=t`);
  enable(true);
  assertEquals([seen(), await count()], [["breakpoint", "code", "code"], 5]);
  command(`=@t 0 pid=${second.pid}`);
  assertEquals([seen(), await count()], [["code", "breakpoint", "code"], 5]);
  assertEquals(scopes().map(({ pid }) => pid), [second.pid]);
  command("=@t 0 pid=0");
  assertEquals([seen(), await count()], [["breakpoint", "breakpoint", "breakpoint"], 15]);
  assertEquals([scopes(), target("t").pid], [[], null]);
  command(`=@t 0 pid=${third.pid}`);
  assertEquals([seen(), await count()], [["code", "code", "breakpoint"], 5]);
});

Deno.test("a process in the scopes of two targets of a site pays both, and one of them after it left the other", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  command(
    `+${path}:hot ${DELAY_NS} pid=${program.pid} tag=t`,
    `+${path}:hot ${DELAY_NS} pid=${Deno.pid} tag=u`,
  );
  enable(true);
  assertLess(2 * DELAY_NS * 10 * 0.99, await program.time("calls 10"));
  assertEquals([target("t").hits, target("u").hits], [10, 10]);
  command("-@u");
  await program.send("calls 10");
  assertEquals(target("t").hits, 20);
});
