/** What a process out of scope pays: no breakpoint, no time a call, and what forks cost it, in deterministic time. */
import type { Figure } from "../../bench/figure.ts";
import { attempt, command, enable, fresh, shell } from "../kernel_module.ts";
import { armed, Folder, Program } from "../program.ts";
import { check } from "./figures.ts";
import { callTimes } from "./calls.ts";

const FUNCTIONS = ["f_push", "f_nop5", "f_mov"];
const CALLS = 20_001;
/** Of these the least disturbed counts. */
const RUNS = 5;
/** Kinds of making a process or a thread, as `process_cost` names them. */
const KINDS = ["fork", "exec", "thread"];
const PROCESSES = 101;
/** Until the test's own process has nothing left to do on the only processor. */
const SETTLE_MS = 100;
/** Threads cost up to 6 % more or less from one state of the kernel to the next, without the module too. */
const THREAD_BOUND = 1.1;
/** Scopes that exist beside. */
const SCOPES = 16;

/** What calls take when nothing else wants the only processor: the test's own process may, for a moment. */
async function wallNs(program: Program, name: string): Promise<number> {
  let least = Infinity;
  for (let run = 0; run < RUNS; run++) {
    least = Math.min(least, await program.time(`calls ${name} ${CALLS}`));
  }
  return least;
}

/** The least of each kind. */
async function processCosts(program: Program): Promise<Map<string, number>> {
  const costs = new Map<string, number>();
  for (const kind of KINDS) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const [{ min_ns }] = await program.send(`${kind} ${PROCESSES}`) as unknown as { min_ns: number }[];
    costs.set(kind, min_ns);
  }
  return costs;
}

Deno.test("a process out of scope has no breakpoint and pays nothing a call; one in scope does", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using inside = await Program.start(path);
  await using outside = await Program.start(path);
  const before = new Map<string, number>();
  for (const name of FUNCTIONS) {
    before.set(name, await wallNs(outside, name));
  }
  enable(true);
  for (const name of FUNCTIONS) command(`+${path}:${name} 1000 pid=${inside.pid}`);
  const figures: Figure[] = [];
  for (const name of FUNCTIONS) {
    const isClean = armed(outside.pid, path, name) === "code" &&
      armed(inside.pid, path, name) === "breakpoint";
    const value = await wallNs(outside, name) / before.get(name)!;
    figures.push(
      { name: `out of scope, ${name}: a call`, value, bound: 1.005, unit: "ratio", detail: "of unprobed" },
      {
        name: `out of scope, ${name}: breakpoints`,
        value: isClean ? 0 : 1,
        bound: 0,
        unit: "count",
        detail: "",
      },
    );
  }
  const { p50_ns } = await callTimes(inside, "f_push", 101);
  figures.push({
    name: "control: in scope, a call takes the delay",
    value: p50_ns,
    bound: 1000,
    atLeast: true,
    unit: "ns",
    detail: "",
  });
  check(figures);
});

Deno.test("enabled=0 leaves no breakpoint of a target without an owner in any process, and a call costs as before", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  const programs = [await Program.start(path), await Program.start(path), await Program.start(path)];
  try {
    const before = await wallNs(programs[0], "f_push");
    for (const name of FUNCTIONS) command(`+${path}:${name} 1000`);
    command(`+${path}:f_sub 1000 pid=${programs[0].pid}`);
    const names = [...FUNCTIONS, "f_sub"];
    const count = () =>
      programs.flatMap(({ pid }) => names.filter((name) => armed(pid, path, name) !== "code")).length;
    const counts = [count()];
    for (const on of [true, false]) {
      enable(on);
      counts.push(count());
      await Promise.all(programs.map((program) => program.send("calls f_push 10")));
    }
    const expected = [0, 3 * FUNCTIONS.length + 1, 0];
    check([
      ...["at the start", "enabled=1", "enabled=0"].map((when, index): Figure => ({
        name: `breakpoints, ${when}`,
        value: Math.abs(counts[index] - expected[index]),
        bound: 0,
        unit: "count",
        detail: `${counts[index]}, expected ${expected[index]}`,
      })),
      {
        name: "enabled=0: a call",
        value: await wallNs(programs[0], "f_push") / before,
        bound: 1.005,
        unit: "ratio",
        detail: "of unprobed",
      },
    ]);
  } finally {
    for (const program of programs) await program[Symbol.asyncDispose]();
  }
});

Deno.test("processes out of scope fork, exec and exit nearly as without the module", async () => {
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(folder.copy("process_cost"));
  // They are there from the start: an exec costs more, the more processes map its libraries.
  const roots = [];
  for (let index = 0; index < SCOPES; index++) roots.push(await Program.start(path));
  await processCosts(program);
  const without: Map<string, number>[] = [];
  const measureWithout = async () => {
    shell("rmmod speed_bump");
    for (let time = 0; time < 2; time++) without.push(await processCosts(program));
    shell(`insmod ${Deno.env.get("SB_MODULE")}`);
  };
  await measureWithout();
  using _module = fresh();
  const states: { state: string; bound: number; costs: Map<string, number> }[] = [];
  const measure = async (state: string, bound: number) => {
    states.push({ state, bound, costs: await processCosts(program) });
  };
  await measure("the module idle", 1.005);
  enable(true);
  for (const root of roots) command(`+${path}:f_push 1000 pid=${root.pid}`);
  await measure(`out of ${SCOPES} scopes`, 1.01);
  attempt("-*");
  command(`+${path}:f_push 1000 pid=${program.pid}`);
  await measure("in one scope", 1.2);
  for (const root of roots) await root[Symbol.asyncDispose]();
  attempt("-*");
  await measureWithout();
  // Where the kernel's own memory comes to lie makes up to a hundredth: the module must add to the most that was seen.
  check(states.flatMap(({ state, bound, costs }) =>
    [...costs].map(([kind, ns]): Figure => {
      const seen = without.map((each) => each.get(kind)!);
      return {
        name: `${kind}, ${state}`,
        value: ns / Math.max(...seen),
        bound: kind === "thread" ? Math.max(bound, THREAD_BOUND) : bound,
        unit: "ratio",
        detail: `${ns} ns, without the module ${Math.min(...seen)} to ${Math.max(...seen)} ns`,
      };
    })
  ));
});

Deno.test("the module with nothing armed costs a call nothing", async () => {
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  await wallNs(program, "f_push");
  shell("rmmod speed_bump");
  const unloaded = await wallNs(program, "f_push");
  shell(`insmod ${Deno.env.get("SB_MODULE")}`);
  using _module = fresh();
  command(`+${path}:f_push 1000`);
  const value = await wallNs(program, "f_push") / unloaded;
  check([{ name: "idle module: a call", value, bound: 1.005, unit: "ratio", detail: "of none" }]);
});
