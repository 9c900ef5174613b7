/** How fast a delay in progress ends, what others on the CPU feel, and 2,000 targets at once. */
import { fixture } from "../fixtures/build.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";
import { openEbpfSession } from "../../src/probe/mod.ts";
import { planProbes } from "../../src/session/mod.ts";
import { BenchTarget, openProbes, request } from "./target.ts";

const LONG_NS = 6e9;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Milliseconds from `end` to the end of the program's call. */
async function timeEnding(
  options: { end: (program: BenchTarget) => void | Promise<void>; dies: boolean },
): Promise<number> {
  const program = await BenchTarget.start();
  await using probes = openProbes([request(`${fixture("bench_target")}:f_push`, LONG_NS)]);
  const call = program.send("calls f_push 1");
  await sleep(200);
  const before = performance.now();
  if (options.dies) await options.end(program);
  else probes.cancel();
  await (options.dies ? program.ended : call);
  const took = performance.now() - before;
  if (options.dies) await call.catch(() => {});
  await program[Symbol.asyncDispose]();
  return took;
}

/** Milliseconds from SIGKILL of the process that holds the probes to the end of the delay. */
async function timeHolderKill(): Promise<number> {
  await using program = await BenchTarget.start();
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...mapArguments(), new URL("./holder.ts", import.meta.url).pathname, String(LONG_NS)],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read();
  const call = program.send("calls f_push 1");
  await sleep(200);
  const before = performance.now();
  holder.kill("SIGKILL");
  await call;
  const took = performance.now() - before;
  await holder.status;
  await reader.cancel();
  return took;
}

/** The import map that this process runs with is not inherited; offline machines need it. */
function mapArguments(): string[] {
  return Deno.env.get("SB_OFFLINE") === "0" ? [] : ["--import-map=scripts/offline/import_map.json"];
}

async function repeat(times: number, measure: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let round = 0; round < times; round++) values.push(await measure());
  return values;
}

async function* run(): AsyncIterable<Figure> {
  const rows = [
    [
      "SIGKILL of its process",
      5,
      () => timeEnding({ end: (program) => program.kill("SIGKILL"), dies: true }),
    ],
    ["removal", 60, () => timeEnding({ end: () => {}, dies: false })],
    ["SIGKILL of sb", 60, timeHolderKill],
  ] as const;
  for (const [what, bound, measure] of rows) {
    const values = await repeat(9, measure);
    yield {
      name: `a 6 s delay in progress ends after ${what}`,
      value: median(values),
      bound,
      unit: "ms",
      detail: `median of ${values.length}, at most ${Math.max(...values).toFixed(1)} ms`,
    };
  }
}

async function* longestGap(): AsyncIterable<Figure> {
  const gaps = await repeat(3, async () => {
    const delayed = await BenchTarget.start(1);
    await using other = await BenchTarget.start(1);
    await using probes = openProbes([request(`${fixture("bench_target")}:f_push`, 3e9)]);
    const call = delayed.send("calls f_push 1");
    await sleep(100);
    const [{ longest_gap_ns }] = await other.send("gap 2500") as { longest_gap_ns: number }[];
    probes.cancel();
    await call;
    await delayed[Symbol.asyncDispose]();
    return longest_gap_ns / 1e6;
  });
  yield {
    name: "longest gap of a process that shares the CPU with a 3 s delay",
    value: median(gaps),
    bound: 100,
    unit: "ms",
    detail: `median of ${gaps.length}, at most ${Math.max(...gaps).toFixed(1)} ms`,
  };
}

/** A copy of libstdc++ that nobody else has, mapped by one process that waits. */
async function* manyTargets(): AsyncIterable<Figure> {
  await using undo = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  undo.defer(() => Deno.remove(folder, { recursive: true }));
  const file = `${folder}/libstdc++.so.6`;
  await Deno.copyFile(`/usr/lib/${Deno.build.arch}-linux-gnu/libstdc++.so.6`, file);
  const probes = planProbes([request(`${file}:*`, 0)], { trampoline: false }).probes.slice(0, 2000);
  const child = new Deno.Command("cat", { env: { LD_PRELOAD: file }, stdin: "piped", stdout: "null" })
    .spawn();
  undo.defer(async () => {
    await child.stdin.close();
    await child.status;
  });
  const attach: number[] = [];
  const detach: number[] = [];
  for (let round = 0; round < 5; round++) {
    await using session = openEbpfSession(probes, { filter: false, windowsStart: "now" });
    let before = performance.now();
    const attachment = session.attach(new Map());
    attach.push(performance.now() - before);
    before = performance.now();
    await attachment.detach();
    detach.push(performance.now() - before);
  }
  for (const [what, values] of [["attach", attach], ["detach", detach]] as const) {
    yield {
      name: `${probes.length} targets of a glob, a running process maps the file: ${what}`,
      value: median(values),
      bound: 200,
      unit: "ms",
      detail: `median of ${values.length}`,
    };
  }
}

export const ending: Benchmark = { name: "ending", run };
export const gap: Benchmark = { name: "gap", run: longestGap };
export const many: Benchmark = { name: "many", run: manyTargets };
