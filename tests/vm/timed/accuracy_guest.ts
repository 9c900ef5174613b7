/** How exactly a delay is the one that was asked, by the program's own clock, in deterministic time. */
import type { Figure } from "../../bench/figure.ts";
import { bucketStart } from "../../../src/probe/histogram.ts";
import type { HistogramRow } from "../../../src/probe/kmod/rows.ts";
import { fresh } from "../kernel_module.ts";
import { Folder, offsetOf, Program } from "../program.ts";
import { callTimes, measure, type Measured } from "./calls.ts";
import { check, duration, note } from "./figures.ts";

/** Delays that are asked beside twice the floor, nanoseconds. */
const ASKED_NS = [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
/** Guest time of a measurement, nanoseconds, but for the fewest and the most calls. */
const BUDGET_NS = 20_000_000;
const FEWEST = 3;
const MOST = 201;
/** 16 buckets an octave. */
const HISTOGRAM_SHIFT = 4;

/** First instructions that the kernel emulates, or steps over. */
const SITES = [
  { site: "push", name: "f_push" },
  { site: "nop", name: "f_nop1" },
  { site: "5-byte nop", name: "f_nop5" },
  { site: "endbr64", name: "f_endbr" },
  { site: "stepped", name: "f_mov" },
];

function callsFor(askedNs: number): number {
  return Math.max(FEWEST, Math.min(MOST, Math.floor(BUDGET_NS / askedNs)));
}

function tolerance(askedNs: number): number {
  return Math.max(250, askedNs / 100);
}

function figure(name: string, value: number, bound: number, detail: string): Figure {
  return { name, value: Math.abs(value), bound, unit: "ns", detail };
}

/** The bucket that holds the middle count. @returns its edges, nanoseconds */
function medianBucket({ counts }: HistogramRow): [from: number, to: number] {
  const half = [...counts.values()].reduce((sum, count) => sum + count, 0) / 2;
  let seen = 0;
  for (const [bucket, count] of [...counts].toSorted(([x], [y]) => x - y)) {
    seen += count;
    if (seen >= half) return [bucketStart(bucket, HISTOGRAM_SHIFT), bucketStart(bucket + 1, HISTOGRAM_SHIFT)];
  }
  throw new Error("the histogram is empty");
}

/** What the module says of delays beside what the program saw: extremes, mean, the middle bucket. */
function moduleFigures(
  label: string,
  { askedNs, baseNs, measured }: { askedNs: number; baseNs: number; measured: Measured },
): Figure[] {
  const { row, histogram, times } = measured;
  if (!histogram || row.minNs === null || row.maxNs === null) throw new Error("the module has no figures");
  const [from, to] = medianBucket(histogram);
  const medianNs = times.p50_ns - baseNs;
  const bound = tolerance(askedNs);
  const differences = [
    Math.abs(row.minNs - (times.min_ns - baseNs)),
    Math.max(0, from - medianNs, medianNs - to),
    // What holds the program up before and after the handler is in its own figures alone.
    Math.max(0, row.addedNs / row.delayed - (times.mean_ns - baseNs)),
    Math.max(0, row.maxNs - (times.max_ns - baseNs)),
  ];
  return [
    figure(
      `${label}: the module's min, median, mean, max`,
      Math.max(...differences),
      bound,
      `apart from the program's: ${differences.map(Math.round).join(", ")} ns`,
    ),
    figure(
      `${label}: misses, cuts, clips`,
      row.misses + row.cut + row.clipped,
      0,
      `${row.delayed} delayed of ${row.hits}`,
    ),
  ];
}

/** One function under a kind of probe: asked delays from twice the floor on. */
async function delayFigures(
  program: Program,
  options: { label: string; name: string; probe?: string; sites?: number },
): Promise<Figure[]> {
  const { label, name, probe = "", sites = 1 } = options;
  const base = (await callTimes(program, name, MOST)).p50_ns;
  const bare = await measure({ program, name, add: `${name} 0${probe}`, count: MOST });
  // Of one call: all its sites.
  const floorNs = bare.times.p50_ns - base;
  const siteFloorNs = Math.round(floorNs / sites);
  note(`${label}: floor`, `${floorNs} ns`);
  const figures: Figure[] = [];
  for (const askedNs of [2 * siteFloorNs, ...ASKED_NS.filter((ns) => ns > 2 * siteFloorNs)]) {
    const add = `${name} ${askedNs}${probe} floor=${siteFloorNs}`;
    const measured = await measure({ program, name, add, count: callsFor(askedNs * sites) });
    const added = (measured.times.p50_ns - base) / sites;
    const asked = `${label}, asked ${duration(askedNs)}`;
    figures.push(
      figure(asked, added - askedNs, tolerance(askedNs), `added ${Math.round(added)} ns, median`),
      ...(sites === 1 ? moduleFigures(asked, { askedNs, baseNs: base, measured }) : []),
    );
  }
  for (const askedNs of [1, siteFloorNs >> 1, siteFloorNs]) {
    const add = `${name} ${askedNs}${probe} floor=${siteFloorNs}`;
    const { times, row } = await measure({ program, name, add, count: MOST });
    const asked = `${label}, asked ${askedNs} ns`;
    const module = row.addedNs / row.delayed;
    figures.push(
      figure(
        `${asked}: as an undelayed hit`,
        times.p50_ns - base - floorNs,
        250,
        `added ${times.p50_ns - base} ns`,
      ),
      figure(`${asked}: the module's figure is the floor`, module - siteFloorNs, 0, `${module} ns`),
    );
  }
  return figures;
}

for (const { site, name } of SITES) {
  Deno.test(`a delay at the entry, ${site}, is as asked, and the floor where less was asked`, async () => {
    using _module = fresh();
    using folder = new Folder();
    await using program = await Program.start(folder.copy("bench_target"));
    check(await delayFigures(program, { label: site, name }));
  });
}

Deno.test("a delay at the return is as asked, and the floor where less was asked", async () => {
  using _module = fresh();
  using folder = new Folder();
  await using program = await Program.start(folder.copy("bench_target"));
  check(await delayFigures(program, { label: "return", name: "f_push", probe: " at=return" }));
});

Deno.test("a delay at each of several sites of a target is as asked", async () => {
  using _module = fresh();
  using folder = new Folder();
  await using program = await Program.start(folder.copy("bench_target"));
  const first = offsetOf(program.path, "f_push");
  // push %rbp; mov %rsp, %rbp
  const probe = ` offset=0x${first.toString(16)},0x${(first + 1).toString(16)}`;
  check(await delayFigures(program, { label: "two sites", name: "f_push", probe, sites: 2 }));
});

Deno.test("a delay that sleeps is no shorter than asked, and ends within 50 µs of it", async () => {
  using _module = fresh();
  using folder = new Folder();
  await using program = await Program.start(folder.copy("bench_target"));
  const name = "f_push";
  const base = (await callTimes(program, name, MOST)).p50_ns;
  const floorNs = (await measure({ program, name, add: `${name} 0`, count: MOST })).times.p50_ns - base;
  const figures: Figure[] = [];
  for (const askedNs of ASKED_NS) {
    const add = `${name} ${askedNs} how=sleep floor=${floorNs}`;
    const measured = await measure({ program, name, add, count: callsFor(askedNs) });
    const excess = measured.times.p50_ns - base - askedNs;
    const label = `sleep, asked ${duration(askedNs)}`;
    figures.push(
      { name: label, value: excess, bound: 50_000, unit: "ns", detail: "more than asked, median" },
      { name: `${label}: not too short`, value: excess, bound: -250, atLeast: true, unit: "ns", detail: "" },
      ...moduleFigures(label, { askedNs, baseNs: base, measured }),
    );
  }
  check(figures);
});
