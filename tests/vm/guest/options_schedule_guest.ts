/** Schedules and options: which hits are chosen, how long and how the delay is, and what an update keeps. */
import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertLess } from "@std/assert";
import { command, enable, fresh, histogram, line, refuse, shell, target, until } from "../kernel_module.ts";
import { cpuTicks, Folder, offsetOf, Program } from "../program.ts";

/** Six standard deviations of `count` draws with a chance of `p`: a right program fails once in 500 million runs. */
function sixDeviations(count: number, p: number): number {
  return 6 * Math.sqrt(count * p * (1 - p));
}

interface Rig {
  path: string;
  program: Program;
  /** Adds the target t on f_push. */
  add: (options: string) => void;
  /** What its figures grow by in some calls of f_push. */
  count: (calls: number) => Promise<{ hits: number; delayed: number }>;
}

async function withRig(run: (rig: Rig) => Promise<void>): Promise<void> {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  enable(true);
  await run({
    path,
    program,
    add: (options) => command(`+${path}:f_push ${options} tag=t`),
    count: async (calls) => {
      const before = target("t");
      await program.send(`calls f_push ${calls}`);
      const after = target("t");
      return { hits: after.hits - before.hits, delayed: after.delayed - before.delayed };
    },
  });
}

Deno.test("every=N delays hits N, 2N, … over all threads and processes of the scope", () =>
  withRig(async ({ add, count, program }) => {
    add("1000 every=7");
    assertEquals(await count(6), { hits: 6, delayed: 0 });
    assertEquals(await count(1), { hits: 1, delayed: 1 });
    await program.send("threads 4 f_push 500");
    await program.send("fork 4 f_push 100");
    const { hits, delayed } = target("t");
    assertEquals([hits, delayed], [2407, 343]);
  }));

Deno.test("times=N delays N hits, never more, of any thread; times=0 none", () =>
  withRig(async ({ add, count, program }) => {
    add("1000 times=11");
    await program.send("threads 4 f_push 300");
    assertEquals([target("t").hits, target("t").delayed], [1200, 11]);
    command("=@t 1000 times=0");
    assertEquals(await count(20), { hits: 20, delayed: 0 });
  }));

Deno.test("every comes before times: the hits that it skips use none up", () =>
  withRig(async ({ add, count }) => {
    add("1000 every=3 times=5");
    assertEquals(await count(14), { hits: 14, delayed: 4 });
    assertEquals(await count(100), { hits: 100, delayed: 1 });
  }));

Deno.test("probability=PPM chooses that part of what every chose; 0 none, 1000000 all", () =>
  withRig(async ({ add, count }) => {
    add("1 every=2 probability=250000");
    const { delayed } = await count(8000);
    assertLess(Math.abs(delayed - 1000), sixDeviations(4000, 0.25));
    command("=@t 1 every=1 probability=0");
    assertEquals(await count(100), { hits: 100, delayed: 0 });
    command("=@t 1 probability=1000000");
    assertEquals(await count(100), { hits: 100, delayed: 100 });
  }));

Deno.test("outside of the window nothing is a hit: before its start, after its duration", () =>
  withRig(async ({ add, count }) => {
    add("1000 start=2500000000 duration=2592000000000000");
    assertEquals(await count(10), { hits: 0, delayed: 0 });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assertEquals(await count(10), { hits: 10, delayed: 10 });
    command("=@t 1000 start=0 duration=0");
    assertEquals(await count(10), { hits: 0, delayed: 0 });
    command("=@t 1000 duration=2592000000000000");
    assertEquals(await count(10), { hits: 10, delayed: 10 });
  }));

Deno.test("a distribution replaces the delay: uniform within its bounds, exp and normal around their means", () =>
  withRig(async ({ add, count }) => {
    const calls = 600;
    add("9 dist=uniform:300000:600000 histogram=16");
    assertEquals(await count(calls), { hits: calls, delayed: calls });
    const { minNs, addedNs, id } = target("t");
    assertGreaterOrEqual(minNs as number, 300_000);
    // The mean of uniform draws deviates by 300000 / sqrt(12 * calls); what emulation adds is above.
    assertGreater(addedNs / calls, 450_000 - 6 * 300_000 / Math.sqrt(12 * calls));
    assertEquals([...histogram(id)?.counts.values() ?? []].reduce((sum, count) => sum + count, 0), calls);
    command("-@t");
    add("9 dist=normal:0:200000");
    await count(calls);
    assertLess(Math.abs(target("t").clipped - calls / 2), sixDeviations(calls, 0.5));
    command("-@t");
    add("9 dist=exp:400000");
    await count(calls);
    assertGreater(target("t").addedNs / calls, 400_000 * (1 - 6 / Math.sqrt(calls)));
    assertEquals(target("t").clipped, 0);
    command("=@t 5000");
    assertEquals([target("t").dist, target("t").delayNs], [null, 5000]);
  }));

Deno.test("a sleeping delay uses no CPU, a spinning one uses it all, and both last as long", () =>
  withRig(async ({ add, program }) => {
    add("1000000000 how=sleep");
    const before = cpuTicks(program.pid);
    const slept = await program.time("calls f_push 2");
    const used = cpuTicks(program.pid) - before;
    assertGreaterOrEqual(slept, 2e9);
    assertLess(used, 60);
    command("=@t 1000000000 how=spin");
    const spun = await program.time("calls f_push 2");
    assertGreaterOrEqual(spun, 2e9);
    assertGreater(cpuTicks(program.pid) - before - used, used + 20);
  }));

Deno.test("floor= is part of what is added and is subtracted from the delay, unless compensate=0", () =>
  withRig(async ({ add, count }) => {
    const floorNs = 3_000_000;
    add(`1000000 floor=${floorNs} every=2`);
    await count(40);
    const compensated = target("t");
    // The delay is shorter than the floor: nothing is left to wait.
    assertEquals([compensated.delayed, compensated.minNs, compensated.addedNs], [20, floorNs, 20 * floorNs]);
    assertEquals(compensated.overheadNs, 20 * floorNs);
    command("-@t");
    add(`1000000 floor=${floorNs} compensate=0`);
    await count(20);
    assertGreaterOrEqual(target("t").minNs as number, floorNs + 1_000_000);
    command("=@t 5000000 compensate=1", "-@t");
    add(`5000000 floor=${floorNs}`);
    const start = target("t").addedNs;
    await count(20);
    assertGreaterOrEqual(target("t").addedNs - start, 20 * 5_000_000);
  }));

Deno.test("at=return delays when the function returns, once a call, and tells entries that never returned", () =>
  withRig(async ({ add, count, program }) => {
    add("1000 at=return");
    assertEquals(await count(50), { hits: 50, delayed: 50 });
    await program.send("threads 4 f_push 100");
    const { hits, misses, at } = target("t");
    assertEquals([hits, misses, at], [450, 0, "return"]);
    using folder = new Folder();
    const jumper = folder.copy("setjmp");
    command(`+${jumper}:deep 0 at=return tag=jumps`);
    // Every other call leaves by longjmp().
    shell(`${jumper} 10`);
    const jumps = target("jumps");
    assertEquals(jumps.hits + jumps.misses, 10);
    assertGreaterOrEqual(jumps.misses, 5);
  }));

Deno.test("sites of one target count together, each with its floor", () =>
  withRig(async ({ path, program }) => {
    const offset = (symbol: string) => `0x${offsetOf(path, symbol).toString(16)}`;
    command(`+${path}:two 0 offset=${offset("f_push")},${offset("f_nop1")} floor=100,1000 every=1 tag=t`);
    await program.send("calls f_push 3");
    await program.send("calls f_nop1 5");
    const { hits, sites, symbol, overheadNs } = target("t");
    assertEquals([hits, sites, symbol, overheadNs], [8, 2, "two", 3 * 100 + 5 * 1000]);
    command("=@t 1000 every=4");
    await program.send("calls f_push 3");
    assertEquals(target("t").delayed, 0);
    await program.send("calls f_nop1 1");
    assertEquals(target("t").delayed, 1);
    refuse({ EINVAL: ["=@t 5 floor=1,2,3"], EEXIST: [`+${path}:again 5 offset=${offset("f_push")} tag=t`] });
    assert(line("t").includes(` offset=${offset("f_push")},${offset("f_nop1")} sites=2 `));
  }));

Deno.test("a condition on the flags makes an execution a hit, or not", () =>
  withRig(async ({ path, program }) => {
    // The branch of f_go: je behind `test %rax, %rax` of an address, which never is zero (ZF is 0x40).
    const branch = offsetOf(path, "f_go") + 8;
    const at = (condition: string) => `offset=0x${branch.toString(16)}?${condition}`;
    command(
      `+${path}:never 0 ${at("40=1")} tag=set`,
      `+${path}:always 0 ${at("40=0")} tag=clear`,
      // The interrupt flag (0x200) is always set; any bit of a mask is enough.
      `+${path}:any 0 ${at("240=1")} tag=any`,
      `+${path}:none 0 ${at("240=0")} tag=none`,
    );
    await program.send("calls f_go 9");
    assertEquals(["set", "clear", "any", "none"].map((tag) => target(tag).hits), [0, 9, 9, 0]);
  }));

Deno.test("an update keeps what it does not name, and restarts the counter or window that it names", () =>
  withRig(async ({ add, count, program }) => {
    add(
      `1000 pid=${program.pid} every=3 times=4 probability=1000000 start=0 duration=2592000000000000 floor=7 ` +
        "compensate=0 histogram=2 how=sleep",
    );
    assertEquals(await count(8), { hits: 8, delayed: 2 });
    const before = line("t").split(" delayed=")[0];
    command("=@t 2000");
    assertEquals(line("t").split(" delayed=")[0], before.replace("delay_ns=1000 ", "delay_ns=2000 "));
    // The ninth hit is the third of every=3: it goes on counting.
    assertEquals(await count(1), { hits: 1, delayed: 1 });
    assertEquals(await count(30), { hits: 30, delayed: 1 });
    command("=@t 2000 times=2");
    assertEquals(await count(30), { hits: 30, delayed: 2 });
    assertEquals(await count(1), { hits: 1, delayed: 0 });
    command("=@t 2000 times=100 every=3");
    assertEquals(await count(2), { hits: 2, delayed: 0 });
    assertEquals(await count(1), { hits: 1, delayed: 1 });
    command("=@t 2000 duration=0");
    assertEquals(await count(5), { hits: 0, delayed: 0 });
    assertEquals(target("t").durationNs, 0);
    const { hits, delayed, id } = target("t");
    command(`=#${id} 3000 duration=2592000000000000 how=spin`);
    assertEquals([target("t").hits, target("t").delayed, target("t").how], [hits, delayed, "spin"]);
  }));

Deno.test("an update changes the delays that begin after it", () =>
  withRig(async ({ add, program }) => {
    add("1000000000");
    const call = program.send("calls f_push 100000");
    await until("a delay has begun", () => target("t").hits >= 1);
    command("=@t 0");
    await call;
    const { hits, delayed, cut } = target("t");
    assertEquals([hits, cut], [100_000, 0]);
    assertLess(delayed, 5);
  }));

Deno.test("ids are never used again, and a tag is free once its target is gone", () =>
  withRig(({ add }) => {
    add("5");
    const { id } = target("t");
    command("-@t");
    add("5");
    assertGreater(target("t").id, id);
    refuse({ ENOENT: [`-#${id}`, `=#${id} 5`], EEXIST: ["+/bin/cat:main 5 tag=t"].slice(1) });
    command(`-#${target("t").id}`);
    return Promise.resolve();
  }));
