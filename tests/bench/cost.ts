/** The cost of a hit, delay 0, counted, against bpftrace's count() on the same function, interleaved. */
import { fixture } from "../fixtures/build.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";
import { BenchTarget, openProbes, request } from "./target.ts";

const ROUNDS = 15;
const CALLS = 6000;

/** Runs `measure` while bpftrace counts the function. */
async function withBpftrace<T>(target: string, measure: () => Promise<T>): Promise<T> {
  const tracer = new Deno.Command("bpftrace", {
    args: ["-e", `uprobe:${target} { @ = count(); }`],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = tracer.stdout.getReader();
  try {
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 150));
    return await measure();
  } finally {
    tracer.kill("SIGINT");
    while (!(await reader.read()).done) { /* until it has detached */ }
    await tracer.status;
  }
}

async function* run(): AsyncIterable<Figure> {
  for (const name of ["f_push", "f_nop5", "f_mov"]) {
    const target = `${fixture("bench_target")}:${name}`;
    await using program = await BenchTarget.start();
    const times: Record<"bpftrace" | "private" | "filter", number[]> = {
      bpftrace: [],
      private: [],
      filter: [],
    };
    for (let round = 0; round < ROUNDS; round++) {
      times.bpftrace.push(await withBpftrace(target, async () => (await program.bench(name, CALLS)).p50_ns));
      {
        await using _probes = openProbes([request(target, 0)]);
        times.private.push((await program.bench(name, CALLS)).p50_ns);
      }
      {
        await using probes = openProbes([request(target, 0)], true);
        probes.enterTree(() => [program.pid]);
        times.filter.push((await program.bench(name, CALLS)).p50_ns);
      }
    }
    for (const [kind, bound] of [["private", 1.0], ["filter", 1.05]] as const) {
      yield {
        name: `cost of a hit, ${name}, ${
          kind === "private" ? "private-file" : "scope filter"
        }, against bpftrace`,
        value: median(times[kind].map((ns, round) => ns / times.bpftrace[round])),
        bound,
        unit: "ratio",
        detail: `medians ${median(times[kind]).toFixed(0)} ns, bpftrace ${
          median(times.bpftrace).toFixed(0)
        } ns, ${ROUNDS} rounds`,
      };
    }
  }
}

export const cost: Benchmark = { name: "cost", run };
