/** Added delay, compensated, from twice the floor to 1 s; and the floor of sites that were moved. */
import { humanTime } from "../../src/core/mod.ts";
import { fixture } from "../fixtures/build.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";
import { BenchTarget, openProbes, request } from "./target.ts";

const BOUND_SHARE = 0.02;
const BOUND_NS = 60;

async function* addedDelay(): AsyncIterable<Figure> {
  for (const name of ["f_push", "f_nop1", "f_nop5"]) {
    const target = `${fixture("bench_target")}:${name}`;
    await using program = await BenchTarget.start();
    const unprobed = (await program.bench(name, 4000)).p50_ns;
    let floor: number;
    {
      await using probes = openProbes([request(target, 1000)]);
      floor = probes.floors[0].ns;
    }
    const doubled = Math.ceil(2 * floor / 100) * 100;
    for (const asked of [doubled, 5_000, 20_000, 100_000, 1e6, 1e7, 1e8, 1e9].filter((ns) => ns >= doubled)) {
      const calls = Math.max(3, Math.min(2000, Math.round(1e9 / asked)));
      const rounds = asked > 1e7 ? 1 : 5;
      const medians: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await using _probes = openProbes([request(target, asked)]);
        medians.push((await program.bench(name, calls, asked > 1e7 ? 0 : 20)).p50_ns - unprobed);
      }
      const added = median(medians);
      const allowed = Math.max(BOUND_SHARE * asked, BOUND_NS);
      yield {
        name: `added delay, asked ${humanTime(asked)}, ${name}`,
        value: Math.abs(added - asked) / allowed,
        bound: 1,
        unit: "ratio",
        detail: `|added − asked| / max(2 %, 60 ns); added ${humanTime(added)}, floor ${floor} ns`,
      };
    }
  }
}

async function* movedFloor(): AsyncIterable<Figure> {
  await using program = await BenchTarget.start();
  const base = (await program.bench("f_push", 4000)).p50_ns;
  for (const name of ["f_endbr_push", "f_mov_push"]) {
    const ratios: number[] = [];
    for (let round = 0; round < 9; round++) {
      const cost = async (fn: string) => {
        await using _probes = openProbes([request(`${fixture("bench_target")}:${fn}`, 0)]);
        return (await program.bench(fn, 4000)).p50_ns - base;
      };
      const push = await cost("f_push");
      ratios.push(await cost(name) / push);
    }
    yield {
      name: `floor of ${name} against f_push`,
      value: median(ratios),
      bound: 1.2,
      unit: "ratio",
      detail: "a single-stepped instruction stands before the push",
    };
  }
}

export const accuracy: Benchmark = { name: "accuracy", run: addedDelay };
export const floors: Benchmark = { name: "floors", run: movedFloor };
