/** The eBPF pool: what no other pool has, and what it gives back. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { openDescriptors } from "../../ffi/mod.ts";
import { openEbpfPool, type PoolAddOptions, probeFeatures, readSessions } from "../../src/probe/mod.ts";
import { planFor, programFile, RealProgram } from "../conformance/program.ts";
import { request } from "../conformance/rig.ts";
import { LineProcess } from "../line_process.ts";

// Libraries that are opened in a test would count as leaks.
probeFeatures();
const [COUNT, DELAY] = planFor([request("f_push", 0), request("f_push", 1000)]);

function tree(pid: number): PoolAddOptions {
  return { scope: { kind: "tree", pid, scan: () => [pid], guarded: false }, isolation: "per-process" };
}

Deno.test("a pool follows trees within trees, and a probe of the outer one pays for the traps", async () => {
  await using outer = new LineProcess("sh", ["-c", `${programFile()} wait; true`]);
  const { pid } = await outer.readLine() as { pid: number };
  await using pool = openEbpfPool();
  const [inOuter] = await pool.add([DELAY], {
    ...tree(outer.pid),
    scope: { kind: "tree", pid: outer.pid, scan: () => [outer.pid, pid], guarded: false },
  });
  const [inInner] = await pool.add([DELAY], tree(pid));
  await outer.send("calls f_push 10");
  assertEquals([inOuter.statistics().hits, inInner.statistics().hits], [10, 10]);
  assertEquals([inOuter.members, inInner.members], [2, 1]);
  assert(inOuter.floor.ns > 0);
  assertEquals(inInner.floor.ns, 0);
  await inOuter.remove();
  assert(inInner.floor.ns > 0);
  await outer.send("calls f_push 10");
  assertEquals(inInner.statistics().hits, 20);
});

Deno.test("a pool keeps the breakpoints of a process whose other thread executes a program", async () => {
  const script = `
import os, sys, threading
sys.stdin.readline()
threading.Thread(target=os.execv, args=("${programFile()}", ["bench_target", "wait"])).start()
threading.Event().wait()`;
  await using process = new LineProcess("/usr/bin/python3", ["-c", script]);
  await using pool = openEbpfPool();
  const [probe] = await pool.add([COUNT], tree(process.pid));
  await process.write("");
  assertEquals(await process.readLine(), { pid: process.pid });
  // The pool hears of it a little later.
  while (probe.statistics().hits === 0) await process.send("calls f_push 10");
  const before = probe.statistics().hits;
  await process.send("calls f_push 10");
  assertEquals(probe.statistics().hits, before + 10);
});

Deno.test("a pool carries a probe for each of 200 trees, and gives everything back", async () => {
  await using pool = openEbpfPool();
  const programs: RealProgram[] = [];
  await using undo = new AsyncDisposableStack();
  for (let count = 0; count < 20; count++) programs.push(undo.use(await RealProgram.start()));
  // One that comes and goes has made what stays.
  await (await pool.add([DELAY], tree(programs[0].pid)))[0].remove();
  await pool.settled();
  const before = openDescriptors().size;
  const probes = [];
  for (let count = 0; count < 200; count++) {
    probes.push(...await pool.add([DELAY], tree(programs[count % 20].pid)));
  }
  await Promise.all(programs.map((program) => program.calls("f_push", 3)));
  assertEquals(new Set(probes.map((probe) => probe.statistics().hits)), new Set([3]));
  for (const probe of probes) await probe.remove();
  await pool.settled();
  assertEquals(openDescriptors().size, before);
});

Deno.test("a delay ends with the process that holds its pool", async () => {
  await using program = await RealProgram.start();
  const map = Deno.env.get("SB_OFFLINE") === "0" ? [] : ["--import-map=scripts/offline/import_map.json"];
  const holder = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      ...map,
      "tests/probe/pool_holder.ts",
      String(program.pid),
      "f_push",
      "10000000000",
    ],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = holder.stdout.getReader();
  assert((await reader.read()).value !== undefined);
  const { over } = await program.callsInDelay("f_push", 1);
  holder.kill("SIGKILL");
  await over;
  await holder.status;
  await reader.cancel();
  assertLess(await program.calls("f_push", 1), 10_000_000_000);
});

Deno.test("a pool tells how late processes that are forked in a tree were armed", async () => {
  await using program = await RealProgram.start();
  await using pool = openEbpfPool();
  const [probe] = await pool.add([COUNT], tree(program.pid));
  assertEquals(probe.late, { processes: 0, medianNs: 0, longestNs: 0 });
  await program.forks(3, "f_push", 1);
  while (probe.late.processes < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  const { processes, medianNs, longestNs } = probe.late;
  assertEquals(processes, 3);
  assert(medianNs > 0 && medianNs <= longestNs);
});

Deno.test("a pool tells other processes of sb of its probes, a while after each change", async () => {
  await using program = await RealProgram.start();
  await using pool = openEbpfPool();
  const told = () =>
    readSessions().filter(({ holder }) => holder === Deno.pid).flatMap(({ probes }) => probes);
  async function toldLike(matches: (probes: ReturnType<typeof told>) => boolean) {
    while (!matches(told())) await new Promise((resolve) => setTimeout(resolve, 20));
    return told();
  }
  const [first] = await pool.add([COUNT], tree(program.pid));
  await first.remove();
  const [probe] = await pool.add([DELAY], tree(program.pid));
  await program.calls("f_push", 7);
  const [row] = await toldLike(({ length }) => length === 1);
  assertEquals(row.scope, { kind: "tree", pid: program.pid, members: 1 });
  assertEquals([row.target, row.spec, row.isEnabled], [DELAY.target, DELAY.spec, true]);
  assertEquals([row.statistics.hits, row.statistics.delayed], [7, 7]);
  await probe.setEnabled(false);
  await toldLike(([{ isEnabled }]) => !isEnabled);
  await probe.remove();
  await toldLike(({ length }) => length === 0);
});
