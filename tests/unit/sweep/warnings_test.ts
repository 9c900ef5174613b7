import { assert, assertEquals } from "@std/assert";
import { analyseCells } from "../../../src/sweep/analyse.ts";
import type { Metric } from "../../../src/sweep/model.ts";
import { processorWarnings } from "../../../src/sweep/warnings.ts";
import { BLOCKS, cellsOf, HITS, type Program } from "./cells.ts";

const FULLY = (added: number) => 1e9 + added;

/** Warnings of one target, and of the sweep. */
function warningsOf(
  program: Program,
  metric: Metric = { kind: "wall" },
): { own: readonly string[]; all: readonly string[] } {
  const targets = [{ name: "f", targets: ["x:f"] }];
  const { targets: [result], warnings } = analyseCells(
    { metric, targets, seed: 1 },
    cellsOf("f", program),
  );
  return { own: result.warnings, all: warnings };
}

Deno.test("a quiet machine and a faithful program give no warning", () => {
  assertEquals(warningsOf({ wallNs: FULLY }), { own: [], all: [] });
});

Deno.test("hits that change with the delay are a warning, hits that change by themselves are none", () => {
  const { own } = warningsOf({ wallNs: FULLY, hits: (delayNs) => HITS - delayNs / 10 });
  assertEquals(own.filter((text) => text.includes("the workload adapts")).length, 1);
  assert(own[0].includes("8000 to 10000 a run"));
  const wavering = warningsOf({
    wallNs: FULLY,
    hits: (delayNs, block) => HITS + 500 * Math.sin(block * 77.7 + delayNs * 3.3),
  });
  assertEquals(wavering.own, []);
});

Deno.test("delays under the floor are a warning with how many", () => {
  const { own } = warningsOf({ wallNs: FULLY, edit: () => ({ floorNs: 1500 }) });
  assertEquals(own, ["1 of its 5 delays is under the floor of 1500 ns: a hit takes the floor at least"]);
  const once = warningsOf({ wallNs: FULLY, edit: ({ repeat }) => repeat === 3 ? { floorNs: 1500 } : {} });
  assertEquals(once.own, []);
});

Deno.test("misses and failures are warnings", () => {
  assert(
    warningsOf({ wallNs: FULLY, edit: () => ({ misses: 2 }) }).own[0].includes("96 executions were missed"),
  );
  const { own } = warningsOf({
    wallNs: FULLY,
    edit: ({ repeat, delayNs }) => repeat === 1 && delayNs === 0 ? { exit: 1, result: null } : {},
  });
  assertEquals(own, ["1 of 48 cells failed and are left out"]);
});

Deno.test("noise that is wider than the effect is a warning of the target, and noise in itself one of the sweep", () => {
  const { own, all } = warningsOf({
    wallNs: () => 1e9,
    edit: ({ repeat, delayNs }) => ({ result: 1e9 + 3e8 * Math.sin(repeat * 77.7 + delayNs * 3.3) }),
  });
  assert(own.some((text) => text.includes("noise is wider than the effect")));
  assert(all.some((text) => text.includes("the machine is noisy")));
});

Deno.test("a result that drifts over the blocks is a warning with its size", () => {
  const { own, all } = warningsOf({
    wallNs: FULLY,
    edit: ({ repeat, result }) => ({ result: (result ?? 0) * (1 + 0.08 * repeat / (BLOCKS - 1)) }),
  });
  assertEquals(own, []);
  assertEquals(all.length, 1);
  const [, size] = /drifted by \+([\d.]+) % from the first quarter/.exec(all[0]) ?? [];
  // From the middle of the first quarter to that of the last: six of seven steps.
  assert(Math.abs(Number(size) - 6.9) < 0.5);
});

Deno.test("many disturbed cells are a warning, and do not change the answer", () => {
  const program: Program = {
    wallNs: FULLY,
    edit: ({ repeat, delayNs, result }) =>
      (repeat * 5 + delayNs / 1000) % 7 === 0 ? { result: (result ?? 0) + 4e8 } : {},
  };
  assert(warningsOf(program).all.some((text) => text.includes("cells were disturbed")));
});

Deno.test("a response that neither a line nor one bend describes is a warning", () => {
  const { own } = warningsOf({ wallNs: (added) => 1e9 + 1e8 * Math.sin(added / 3e7) });
  assert(own.some((text) => text.includes("neither a line nor one bend")));
});

Deno.test("processors that something waited for much of the time are a warning, where the kernel tells", () => {
  assertEquals(processorWarnings(2e9, 100e9), []);
  assertEquals(processorWarnings(null, 100e9), []);
  assert(processorWarnings(65e9, 100e9)[0].includes("during 65 % of the sweep"));
});

Deno.test("breakpoints that cost much of a run are a warning", () => {
  const { own } = warningsOf({
    wallNs: FULLY,
    edit: ({ overheadNs }) => ({ overheadNs: overheadNs === 0 ? 0 : 3e8 }),
  });
  assertEquals(own.map((text) => text.split(":")[0]), [
    "its breakpoints alone cost 300 ms a run, 30 % of its time",
  ]);
});
