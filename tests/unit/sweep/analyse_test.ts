import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { analyseCells } from "../../../src/sweep/analyse.ts";
import type { CellRecord, Metric } from "../../../src/sweep/model.ts";
import { randomFrom } from "../../../src/stats/mod.ts";

const DELAYS = [0, 1000, 2000, 5000, 10_000, 20_000];
const HITS = 10_000;
const WALL: Metric = { kind: "wall" };

interface Program {
  /** Nanoseconds of the run when so many were added. */
  wallNs: (addedNs: number) => number;
  result?: (wallNs: number) => number;
  hits?: (delayNs: number) => number;
  edit?: (record: CellRecord) => Partial<CellRecord>;
}

/** Cells of a program of known behaviour, with noise of a thousandth. */
function cellsOf(
  target: string,
  { wallNs, result = (ns) => ns, hits = () => HITS, edit }: Program,
): CellRecord[] {
  const random = randomFrom(42);
  const noise = () => (random.fraction() - 0.5) * 2e6;
  return Array.from({ length: 8 }, (_, repeat) =>
    DELAYS.map((delayNs): CellRecord => {
      const addedNs = hits(delayNs) * delayNs;
      const overheadNs = delayNs === 0 ? hits(0) * 700 : 0;
      const ns = wallNs(addedNs + overheadNs) + noise();
      const record: CellRecord = {
        schema: 1,
        experiment: "x",
        cell: `${repeat}.${target}.${delayNs}`,
        target,
        delayNs,
        repeat,
        seed: 1,
        started: "2026-01-02T03:04:05.678Z",
        exit: 0,
        result: result(ns),
        wallNs: ns,
        userNs: ns,
        sysNs: 0,
        hits: hits(delayNs),
        delayed: hits(delayNs),
        addedNs,
        overheadNs,
        floorNs: 700,
        misses: 0,
      };
      return { ...record, ...edit?.(record) };
    })).flat();
}

function analyse(programs: Record<string, Program>, metric: Metric = WALL) {
  const targets = Object.keys(programs).map((name) => ({ name, targets: [`x:${name}`] }));
  const records = Object.entries(programs).flatMap(([name, program]) => cellsOf(name, program));
  const { targets: results, ranking } = analyseCells({ metric, targets, seed: 1 }, records);
  return { results: Object.fromEntries(results.map((result) => [result.name, result])), ranking };
}

Deno.test("analyseCells() tells what matters fully, half, later and never, and ranks it", () => {
  const { results, ranking } = analyse({
    never: { wallNs: () => 1e9, hits: () => 0 },
    later: { wallNs: (added) => 1e9 + Math.max(0, added - 6.7e7) },
    half: { wallNs: (added) => 1e9 + added / 2 },
    fully: { wallNs: (added) => 1e9 + added },
  });
  assertEquals(ranking, ["fully", "half", "later", "never"]);
  assertEquals([results.fully.class, results.half.class, results.later.class], [
    "linear",
    "linear",
    "threshold",
  ]);
  assertAlmostEquals(results.fully.sensitivity?.value ?? 0, 1, 0.02);
  assertAlmostEquals(results.half.sensitivity?.value ?? 0, 0.5, 0.02);
  assertAlmostEquals(results.later.slackNs?.value ?? 0, 6e7, 6e6);
  assertAlmostEquals(results.later.beyond?.value ?? 0, 1, 0.05);
  assertEquals(results.never.sensitivity, null);
  assert(results.never.warnings[0].includes("never called"));
});

Deno.test("analyseCells() counts x from the cell without a delay: its hits cost their floor there too", () => {
  const { results } = analyse({ fully: { wallNs: (added) => 1e9 + added } });
  assertEquals(results.fully.levels[0].addedNs, 0);
  assertEquals(results.fully.levels[1].addedNs, 1000 * HITS - 700 * HITS);
});

Deno.test("analyseCells() gives sensitivities of other results per second added", () => {
  const metric: Metric = { kind: "json", path: ".seconds", better: "lower" };
  const { results } = analyse(
    { fully: { wallNs: (added) => 1e9 + added, result: (ns) => ns / 1e6 } },
    metric,
  );
  assertAlmostEquals(results.fully.sensitivity?.value ?? 0, 1000, 20);
  assertEquals(results.fully.class, "linear");
});

Deno.test("analyseCells() leaves out cells that failed, and says so", () => {
  const { results } = analyse({
    fully: {
      wallNs: (added) => 1e9 + added,
      edit: ({ repeat, delayNs }) => repeat === 0 && delayNs === 0 ? { exit: 1, result: 9e9 } : {},
    },
  });
  assertAlmostEquals(results.fully.sensitivity?.value ?? 0, 1, 0.02);
  assert(results.fully.warnings.some((warning) => warning.startsWith("1 of 48 cells failed")));
});

Deno.test("analyseCells() warns of hits that change, delays under the floor, misses and noise", () => {
  const { results } = analyse({
    adapts: { wallNs: (added) => 1e9 + added, hits: (delayNs) => HITS - delayNs / 10 },
    low: { wallNs: (added) => 1e9 + added, edit: () => ({ floorNs: 1500 }) },
    missed: { wallNs: (added) => 1e9 + added, edit: () => ({ misses: 2 }) },
    noisy: {
      wallNs: () => 1e9,
      edit: ({ repeat, delayNs }) => ({ result: 1e9 + 3e8 * Math.sin(repeat * 77.7 + delayNs * 3.3) }),
    },
  });
  assert(results.adapts.warnings.some((warning) => warning.includes("the workload adapts")));
  assert(results.low.warnings.some((warning) => warning.includes("under the floor")));
  assert(results.missed.warnings.some((warning) => warning.includes("96 executions were missed")));
  assert(results.noisy.warnings.some((warning) => warning.includes("noise is wider")));
});
