/** From what pairs of breakpoints cost to costs by class. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { FloorClass } from "../../../../../src/probe/mod.ts";
import { costsOf, type PairCost } from "../../../../../src/probe/ebpf/timing/costs.ts";
import {
  COST_BYTES,
  COST_CLASSES,
  CostKind,
  costOffset,
  costPlace,
} from "../../../../../src/probe/ebpf/timing/layout.ts";
import { FLOOR_CLASSES } from "../../../../../src/probe/floor.ts";

/** Pairs as additive parts make them. */
function pairs(
  entries: Partial<Record<FloorClass, [entryNs: number, tailNs: number]>>,
  ways: Partial<Record<FloorClass, [returnNs: number, headNs: number]>>,
): PairCost[] {
  return Object.entries(entries).flatMap(([entry, [entryNs, tailNs]]) =>
    Object.entries(ways).map(([way, [returnNs, headNs]]) => ({
      entry: entry as FloorClass,
      way: way as FloorClass,
      entryNs,
      returnNs,
      spanNs: tailNs + headNs,
    }))
  );
}

Deno.test("costsOf() gives each class its cost, and tails and heads that add up to what was measured", () => {
  const rows = pairs({ push: [400, 150], stepped: [3600, 3200] }, { stepped: [3700, 120], jmp: [380, 90] });
  const costs = costsOf(rows);
  assertEquals([...costs.entry], [["push", 400], ["stepped", 3600]]);
  assertEquals([...costs.return], [["stepped", 3700], ["jmp", 380]]);
  for (const { entry, way, spanNs } of rows) {
    const sum = (costs.entryTail.get(entry) ?? NaN) + (costs.returnHead.get(way) ?? NaN);
    assertAlmostEquals(sum, spanNs, 1e-9);
  }
});

Deno.test("costsOf() takes the mean where pairs of a class disagree", () => {
  const [first, second] = pairs({ push: [400, 100] }, { stepped: [3000, 50], jmp: [300, 20] });
  const costs = costsOf([first, { ...second, entryNs: 500 }]);
  assertEquals(costs.entry.get("push"), 450);
});

Deno.test("costsOf() of nothing is nothing", () => {
  assertEquals(Object.values(costsOf([])).map(({ size }) => size), [0, 0, 0, 0]);
});

Deno.test("each cost of each class has a place of its own, behind the one that costs nothing", () => {
  const kinds = Object.keys(CostKind) as (keyof typeof CostKind)[];
  const places = kinds.flatMap((kind) => FLOOR_CLASSES.map((name) => costOffset(kind, costPlace(name))));
  assertEquals(new Set(places).size, kinds.length * FLOOR_CLASSES.length);
  assertEquals(places.every((offset) => offset % 8 === 0 && offset < COST_BYTES), true);
  assertEquals(FLOOR_CLASSES.every((name) => costPlace(name) > 0 && costPlace(name) < COST_CLASSES), true);
});
