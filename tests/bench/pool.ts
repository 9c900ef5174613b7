/** Probes that come and go: what adding and removing take, 1,000 at a time, removal while another delay is in flight. */
import { openDescriptors } from "../../ffi/mod.ts";
import { openEbpfPool, type PoolAddOptions, type PoolProbe, type ProbePlan } from "../../src/probe/mod.ts";
import { scanTree } from "../../src/scope/mod.ts";
import { planProbes } from "../../src/session/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";
import { BenchTarget, request } from "./target.ts";

const LONG_NS = 6e9;
const TREES = 1000;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function planOf(target: string, ns: number): ProbePlan[] {
  return planProbes([request(target, ns)], { trampoline: false }).probes;
}

function tree(pid: number): PoolAddOptions {
  return {
    scope: { kind: "tree", pid, scan: () => scanTree(pid), guarded: false },
    isolation: "per-process",
  };
}

/** A process that waits. */
function startSleeper(): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["600"], stdin: "null", stdout: "null" }).spawn();
}

async function end(processes: readonly Deno.ChildProcess[]): Promise<void> {
  for (const process of processes) process.kill("SIGKILL");
  await Promise.all(processes.map((process) => process.status));
}

async function timed<T>(act: () => Promise<T>): Promise<[ms: number, result: T]> {
  const before = performance.now();
  const result = await act();
  return [performance.now() - before, result];
}

/** Adds and removes a probe of libc's malloc. @param pauseMs between the calls */
async function addAndRemove(rounds: number, pauseMs: number): Promise<{ add: number[]; remove: number[] }> {
  const plans = planOf("libc.so.6:malloc", 5000);
  const process = startSleeper();
  const add: number[] = [];
  const remove: number[] = [];
  {
    await using pool = openEbpfPool();
    for (let round = -5; round < rounds; round++) {
      const [addMs, [probe]] = await timed(() => pool.add(plans, tree(process.pid)));
      await sleep(pauseMs);
      const [removeMs] = await timed(() => probe.remove());
      await sleep(pauseMs);
      if (round < 0) continue;
      add.push(addMs);
      remove.push(removeMs);
    }
  }
  await end([process]);
  return { add, remove };
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((x, y) => x - y);
  return `median ${median(values).toFixed(2)} ms, p90 ${
    sorted[Math.floor(0.9 * sorted.length)].toFixed(2)
  } ms`;
}

async function* comingAndGoing(): AsyncIterable<Figure> {
  const { add, remove } = await addAndRemove(200, 2);
  const alone = await addAndRemove(20, 150);
  yield {
    name: "add a probe of a planned libc function, in one process",
    value: median(add),
    bound: 1.5,
    unit: "ms",
    detail: `${spread(add)}; the first in 150 ms (an RCU grace period): ${spread(alone.add)}`,
  };
  yield {
    name: "remove a probe: no further delay starts",
    value: median(remove),
    bound: 1,
    unit: "ms",
    detail: `${spread(remove)}; the first in 150 ms: ${spread(alone.remove)}`,
  };
}

/** Kilobytes of the maps that this process holds (proc_pid_fdinfo(5)). */
function mapKb(): number {
  let bytes = 0;
  for (const fd of openDescriptors().keys()) {
    const info = Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`);
    bytes += Number(/^memlock:\s+(\d+)/m.exec(info)?.[1] ?? 0);
  }
  return bytes / 1024;
}

function residentKb(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]);
}

async function* manyTrees(): AsyncIterable<Figure> {
  const plans = planOf("libc.so.6:malloc", 5000);
  const processes = Array.from({ length: TREES }, startSleeper);
  const probes: PoolProbe[] = [];
  const kb: number[] = [];
  const resident = [residentKb()];
  {
    await using pool = openEbpfPool();
    kb.push(mapKb());
    const [addMs] = await timed(async () => {
      for (const { pid } of processes) {
        probes.push(...await pool.add(plans, tree(pid)));
        if (probes.length === TREES / 2 || probes.length === TREES) kb.push(mapKb());
      }
    });
    resident.push(residentKb());
    const followed = probes.filter((probe) => probe.members === 1).length;
    yield {
      name: "trees that are followed at a time, each with a probe",
      value: followed,
      bound: TREES,
      atLeast: true,
      unit: "count",
      detail: `${
        (addMs / TREES).toFixed(2)
      } ms an add; every process maps the file, and each add looks at all of them`,
    };
    const [empty, half, full] = kb;
    yield {
      name: "memory of the second 500 of them by that of the first",
      value: (full - half) / (half - empty),
      bound: 1.1,
      unit: "ratio",
      detail: `maps: ${empty.toFixed(0)}, ${half.toFixed(0)}, ${full.toFixed(0)} kB; resident ${
        resident[0]
      }, ${resident[1]} kB (the first 256 have finer histograms)`,
    };
    for (const probe of probes) await probe.remove();
    const [settledMs] = await timed(() => pool.settled());
    const left = mapKb();
    yield {
      name: "share of that memory that is left when they are removed",
      value: (left - empty) / (full - empty),
      bound: 0.25,
      unit: "ratio",
      detail: `${left.toFixed(0)} kB, an empty segment in store; the last breakpoint left after ${
        settledMs.toFixed(0)
      } ms; resident ${residentKb()} kB`,
    };
  }
  await end(processes);
}

async function* removalInDelay(): AsyncIterable<Figure> {
  const answers: number[] = [];
  const endings: number[] = [];
  for (let round = 0; round < 9; round++) {
    await using other = await BenchTarget.start(0);
    await using own = await BenchTarget.start(1);
    await using pool = openEbpfPool();
    const plans = planOf(`${fixture("bench_target")}:f_push`, LONG_NS);
    const [long] = await pool.add(plans, tree(other.pid));
    const [probe] = await pool.add(plans, tree(own.pid));
    const calls = [other, own].map((program) => program.send("calls f_push 1"));
    await sleep(200);
    const before = performance.now();
    await probe.remove();
    answers.push(performance.now() - before);
    await calls[1];
    endings.push(performance.now() - before);
    await long.remove();
    await calls[0];
  }
  yield {
    name: "remove a probe while another one's 6 s delay is in flight",
    value: median(answers),
    bound: 1,
    unit: "ms",
    detail: spread(answers),
  };
  yield {
    name: "its own 6 s delay ends",
    value: median(endings),
    bound: 60,
    unit: "ms",
    detail: `${spread(endings)}, at most ${Math.max(...endings).toFixed(1)} ms`,
  };
}

async function* run(): AsyncIterable<Figure> {
  yield* comingAndGoing();
  yield* removalInDelay();
  yield* manyTrees();
}

export const pool: Benchmark = { name: "pool", run };
