import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { analyseCells } from "../../../src/sweep/analyse.ts";
import type { Metric } from "../../../src/sweep/model.ts";
import { cellsOf, HITS, type Program } from "./cells.ts";

const WALL: Metric = { kind: "wall" };

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

Deno.test("analyseCells() gives finite figures where no run without a delay has a result", () => {
  const metric: Metric = { kind: "json", path: ".seconds", better: "lower" };
  const { results } = analyse({
    f: {
      wallNs: (added) => 1e9 + added,
      result: (ns) => ns / 1e9,
      edit: ({ delayNs }) => delayNs === 0 ? { exit: 1, result: null } : {},
    },
  }, metric);
  const { sensitivity, levels } = results.f;
  assert(sensitivity && Object.values(sensitivity).every(Number.isFinite));
  assert(levels.every(({ addedNs, result }) => Number.isFinite(addedNs) && Number.isFinite(result)));
});

Deno.test("analyseCells() compares each delay with none, block by block", () => {
  const { results } = analyse({
    later: {
      wallNs: (added) => 1e9 + Math.max(0, added - 6.7e7),
      // Blocks differ far more than delays do.
      edit: ({ repeat, result }) => ({ result: (result ?? 0) + 5e8 * repeat }),
    },
  });
  const { levels } = results.later;
  assertEquals(levels[0].difference, null);
  for (const { addedNs, difference } of levels.slice(1)) {
    const truth = Math.max(0, addedNs - 6e7);
    assert(difference);
    assertAlmostEquals(difference.value, truth, 1e6);
    assert(difference.low < truth + 1e6 && truth - 1e6 < difference.high);
    assertLess(difference.high - difference.low, 4e6);
  }
});

Deno.test("analyseCells() tells where the response bends, whatever its class", () => {
  const { results } = analyse({
    steeper: { wallNs: (added) => 1e9 + added / 4 + Math.max(0, added - 6.7e7) / 2 },
    straight: { wallNs: (added) => 1e9 + added },
  });
  assertEquals([results.steeper.class, results.steeper.slackNs], ["super-linear", null]);
  assertAlmostEquals(results.steeper.bendNs?.value ?? 0, 6e7, 6e6);
  assertEquals(results.straight.bendNs, null);
});

Deno.test("analyseCells() ranks what matters by what half of its time would give, where that is known of all", () => {
  const fully: Program = { wallNs: (added) => 1e9 + added };
  const names = ["short", "long", "never"];
  const records = names.flatMap((name) =>
    cellsOf(name, name === "never" ? { ...fully, hits: () => 0 } : fully)
  );
  const targets = names.map((name) => ({ name, targets: [`x:${name}`] }));
  const rankingOf = (functionNs: Record<string, number | null>) =>
    analyseCells({ metric: WALL, targets, seed: 1 }, records, { functionNs }).ranking;
  assertEquals(rankingOf({ short: 1e6, long: 5e8, never: null }), ["long", "short", "never"]);
  assertEquals(rankingOf({ short: 5e8, long: 1e6, never: 0 }), ["short", "long", "never"]);
  assertEquals(rankingOf({ short: null, long: 5e8 }), rankingOf({}));
});
