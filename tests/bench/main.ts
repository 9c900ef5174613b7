/** `scripts/bench [NAME…]`: prints the figures that sb must hold, as ratios within one run; exit 1 when one does not. */
import { accuracy, floors } from "./accuracy.ts";
import { cost } from "./cost.ts";
import { ending, gap, many } from "./ending.ts";
import { type Benchmark, figureLine, holds } from "./figure.ts";
import { installed } from "./installed.ts";
import { isolation } from "./isolation.ts";
import { protocol } from "./protocol.ts";
import { server } from "./rpc_bench.ts";
import { pool } from "./pool.ts";
import { sites } from "./sites.ts";
import { startup, symbols } from "./startup.ts";
import { sweepTruth } from "./sweep_truth.ts";
import { functionTime, sweep } from "./sweep.ts";
import { workers } from "./workers.ts";

const BENCHMARKS: readonly Benchmark[] = [
  accuracy,
  cost,
  floors,
  sites,
  isolation,
  ending,
  gap,
  startup,
  installed,
  many,
  pool,
  protocol,
  server,
  workers,
  symbols,
  sweep,
  functionTime,
  sweepTruth,
];

const wanted = Deno.args;
const unknown = wanted.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
if (unknown !== undefined) {
  console.error(
    `error: no benchmark "${unknown}"; there are ${BENCHMARKS.map(({ name }) => name).join(", ")}`,
  );
  Deno.exit(2);
}
let failed = 0;
let total = 0;
for (const benchmark of BENCHMARKS) {
  if (wanted.length > 0 && !wanted.includes(benchmark.name)) continue;
  for await (const figure of benchmark.run()) {
    console.log(figureLine(figure));
    total++;
    if (!holds(figure)) failed++;
  }
}
console.log(`${total - failed} of ${total} figures hold`);
Deno.exit(failed > 0 ? 1 : 0);
