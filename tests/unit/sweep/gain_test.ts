import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { analyseCells } from "../../../src/sweep/analyse.ts";
import type { Metric } from "../../../src/sweep/model.ts";
import type { Gain } from "../../../src/sweep/result.ts";
import { cellsOf, type Program } from "./cells.ts";

function gainOf(
  program: Program,
  { metric = { kind: "wall" }, functionNs = 2e8 }: { metric?: Metric; functionNs?: number | null } = {},
): Gain | null {
  const targets = [{ name: "f", targets: ["x:f"] }];
  const { targets: [result] } = analyseCells({ metric, targets, seed: 1 }, cellsOf("f", program), {
    functionNs: { f: functionNs },
  });
  return result.gain;
}

Deno.test("a function that counts fully would give half its time", () => {
  const gain = gainOf({ wallNs: (added) => 1e9 + added });
  assert(gain);
  assertAlmostEquals(gain.value, -1e8, 2e6);
  assertAlmostEquals(gain.result, 9.07e8, 3e6);
  assert(gain.low < gain.value && gain.value < gain.high && gain.high < 0);
  assertEquals(gain.functionNs, 2e8);
});

Deno.test("a function that counts half would give a quarter of its time", () => {
  assertAlmostEquals(gainOf({ wallNs: (added) => 1e9 + added / 2 })?.value ?? 0, -5e7, 2e6);
});

Deno.test("a hidden function would give nothing, a slower one as little: only the interval is left", () => {
  for (const wallNs of [() => 1e9, (added: number) => 1e9 + Math.max(0, added - 6.7e7)]) {
    const gain = gainOf({ wallNs });
    assert(gain);
    assertEquals(gain.value, 0);
    assert(gain.low <= 0 && gain.high >= 0);
    assertLess(gain.high - gain.low, 1e7);
  }
});

Deno.test("a function that counts more once it is slower gives what it counts today", () => {
  const gain = gainOf({ wallNs: (added) => 1e9 + added / 4 + Math.max(0, added - 6.7e7) / 2 });
  assertAlmostEquals(gain?.value ?? 0, -2.5e7, 4e6);
});

Deno.test("gains of other results are in their unit, with their sign", () => {
  const rate = gainOf({ wallNs: (added) => 1e9 + added, result: (ns) => 2000 - ns / 1e6 }, {
    metric: { kind: "json", path: ".qps", better: "higher" },
  });
  assert(rate);
  assertAlmostEquals(rate.value, 100, 2);
  assert(rate.low < rate.value && rate.value < rate.high);
});

Deno.test("no time falls below nothing, however long many threads are in a function together", () => {
  const gain = gainOf({ wallNs: (added) => 1e9 + added }, { functionNs: 8e9 });
  assertEquals(gain?.result, 0);
});

Deno.test("there is no gain where the function's time is not known, and none of CPU time less what delays spin", () => {
  const program = { wallNs: (added: number) => 1e9 + added };
  assertEquals(gainOf(program, { functionNs: null }), null);
  assertEquals(gainOf(program, { functionNs: 0 }), null);
  assertEquals(gainOf(program, { metric: { kind: "cpu" } }), null);
});
