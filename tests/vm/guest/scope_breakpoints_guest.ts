/** Breakpoints in the memory of processes: only where a target is live, and only in its scope. */
import { assertEquals, assertLess } from "@std/assert";
import { command, enable, fresh, line, shell, target, until } from "../kernel_module.ts";
import { armed, Folder, Program } from "../program.ts";

const FUNCTIONS = ["f_push", "f_nop1", "f_nop5", "f_mov", "f_compiled"];

Deno.test("a process that starts out of scope never gets the breakpoint, nor do its children", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using inside = await Program.start(path);
  command(`+${path}:f_push 0 pid=${inside.pid} tag=t`);
  enable(true);
  await using outside = await Program.start(path);
  assertEquals([inside, outside].map(({ pid }) => armed(pid, path, "f_push")), ["breakpoint", "code"]);
  await outside.send("calls f_push 1000");
  await outside.send("fork 3 f_push 10");
  assertEquals([target("t").hits, target("t").outside], [0, 0]);
});

Deno.test("a child that inherits the breakpoint but not the scope loses it: at the update, or at its first hit", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  command(`+${path}:hot 0 pid=${program.pid} tag=t`);
  enable(true);
  const child = await program.keep("fork");
  assertEquals(armed(child, path, "hot"), "breakpoint");
  // Of the tree only the child is left in it.
  command(`=@t 0 pid=${child}`);
  assertEquals([armed(program.pid, path, "hot"), armed(child, path, "hot")], ["code", "breakpoint"]);
  const grandchild = await program.keep("fork");
  assertEquals(armed(grandchild, path, "hot"), "code");
});

Deno.test("processes that share an address space share the breakpoint; who is out of scope does not pay", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  const twin = await program.keep("clone_vm");
  command(`+${path}:hot 2000000000 pid=${twin} tag=t`);
  enable(true);
  assertEquals([armed(twin, path, "hot"), armed(program.pid, path, "hot")], ["breakpoint", "breakpoint"]);
  assertLess(await program.time("calls 20"), 2_000_000_000);
  await until("the twin is delayed", () => target("t").hits > 0);
  assertEquals([target("t").outside, armed(twin, path, "hot")], [20, "breakpoint"]);
  command("=@t 0");
  const before = target("t").hits;
  await until("the twin is counted still", () => target("t").hits > before + 10);
});

Deno.test("enabled=0 leaves no breakpoint in any process, keeps the figures, and enabled=1 arms again", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using first = await Program.start(path);
  await using second = await Program.start(path);
  const programs = [first, second];
  const seen = () => programs.map(({ pid }) => FUNCTIONS.map((symbol) => armed(pid, path, symbol)));
  const all = (what: string) => programs.map(() => FUNCTIONS.map(() => what));
  command(...FUNCTIONS.map((symbol) => `+${path}:${symbol} 0 tag=${symbol}`));
  assertEquals(seen(), all("code"));
  for (let round = 1; round <= 3; round++) {
    enable(true);
    assertEquals(seen(), all("breakpoint"));
    for (const program of programs) await program.send("calls f_push 10");
    enable(false);
    assertEquals(seen(), all("code"));
    await first.send("calls f_push 10");
    assertEquals(target("f_push").hits, 20 * round);
  }
  assertEquals(shell(`${path} calls f_push 3 | grep -c wall_ns`), "1\n");
  assertEquals(target("f_push").hits, 60);
});

Deno.test("targets with an owner are live whatever enabled says, until on=0", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const seen = () => armed(program.pid, path, "f_push");
  command(`+${path}:f_push 0 owner=${Deno.pid} tag=t`);
  assertEquals(seen(), "breakpoint");
  enable(true);
  enable(false);
  assertEquals(seen(), "breakpoint");
  await program.send("calls f_push 4");
  command("=@t 0 on=0");
  assertEquals([seen(), target("t").isOn, target("t").hits], ["code", false, 4]);
  await program.send("calls f_push 4");
  command("=@t 0 on=1");
  assertEquals([seen(), target("t").isOn, target("t").hits], ["breakpoint", true, 4]);
  await program.send("calls f_push 4");
  command(`=* on=0 owner=${Deno.pid}`);
  assertEquals([seen(), target("t").hits, / on=0 /.test(line("t"))], ["code", 8, true]);
  command(`=* owner=${Deno.pid} on=1`);
  assertEquals(seen(), "breakpoint");
  command(`+${path}:f_nop1 0 owner=${Deno.pid} on=0 tag=off`);
  assertEquals(armed(program.pid, path, "f_nop1"), "code");
  assertEquals(target("off").isOn, false);
});

Deno.test("one site, several targets: the breakpoint stays until the last of them goes", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const seen = () => armed(program.pid, path, "f_push");
  command(`+${path}:f_push 0 tag=a`, `+${path}:f_push 0 tag=b`, `+${path}:f_push 0 owner=${Deno.pid} tag=c`);
  assertEquals(seen(), "breakpoint");
  enable(true);
  command("-@c");
  assertEquals(seen(), "breakpoint");
  await program.send("calls f_push 5");
  command("-@a");
  await program.send("calls f_push 5");
  assertEquals([seen(), target("b").hits], ["breakpoint", 10]);
  command("-@b");
  assertEquals(seen(), "code");
});

Deno.test("rmmod takes every breakpoint out, of a delay of 10 s in flight too, and its process goes on", async () => {
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  command(`+${path}:f_push 10000000000 tag=t`, `+${path}:f_nop1 0 owner=${Deno.pid}`);
  enable(true);
  const call = program.send("calls f_push 3");
  await until("the delay has begun", () => target("t").hits === 1);
  const start = performance.now();
  shell("rmmod speed_bump");
  await call;
  assertLess(performance.now() - start, 8000);
  assertEquals(["f_push", "f_nop1"].map((symbol) => armed(program.pid, path, symbol)), ["code", "code"]);
  shell("insmod $SB_MODULE");
});
