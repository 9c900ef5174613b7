import { assertEquals, assertNotEquals } from "@std/assert";
import { countDone, countPlanned, delaysOfRecords, planBlock } from "../../../src/sweep/design.ts";
import type { CellRecord } from "../../../src/sweep/model.ts";

const EXPERIMENT = {
  seed: 1,
  targets: ["a", "b", "c"].map((name) => ({ name, targets: [`x:${name}`] })),
};
const DELAYS = [0, 1000, 2000];
const DELAYS_OF = { a: DELAYS, b: DELAYS, c: DELAYS };

Deno.test("planBlock() has each target under each delay once", () => {
  const cells = planBlock(EXPERIMENT, { block: 3, delaysNs: DELAYS_OF });
  const expected = EXPERIMENT.targets.flatMap(({ name }) => DELAYS.map((ns) => `3.${name}.${ns}`));
  assertEquals(cells.map(({ id }) => id).sort(), expected.sort());
});

Deno.test("planBlock() has the same order for the same seed, another one for another block or seed", () => {
  const order = (seed: number, block: number) =>
    planBlock({ ...EXPERIMENT, seed }, { block, delaysNs: DELAYS_OF }).map(({ target, delayNs }) =>
      `${target} ${delayNs}`
    );
  assertEquals(order(1, 0), order(1, 0));
  assertNotEquals(order(1, 0), order(1, 1));
  assertNotEquals(order(1, 0), order(2, 0));
});

Deno.test("planBlock() puts every cell into every place of the order", () => {
  const places = new Map<string, Set<number>>();
  for (let block = 0; block < 400; block++) {
    planBlock(EXPERIMENT, { block, delaysNs: DELAYS_OF }).forEach(({ target, delayNs }, place) => {
      const key = `${target} ${delayNs}`;
      places.set(key, (places.get(key) ?? new Set()).add(place));
    });
  }
  assertEquals([...places.values()].map(({ size }) => size), Array(9).fill(9));
});

/** Records of blocks, as far as they matter here. */
function recordsOf(blocks: number): CellRecord[] {
  return Array.from(
    { length: blocks },
    (_, block) =>
      planBlock(EXPERIMENT, { block, delaysNs: DELAYS_OF }).map(({ id, target, delayNs }) =>
        ({ cell: id, target, delayNs, repeat: block }) as CellRecord
      ),
  ).flat();
}

Deno.test("countDone() counts the cells that are planned, each once, and none of other delays or blocks", () => {
  const records = recordsOf(3);
  assertEquals([countPlanned(DELAYS_OF, 3), countDone(records, DELAYS_OF, 3)], [27, 27]);
  assertEquals(countDone([...records, ...records], DELAYS_OF, 2), 18);
  assertEquals(countDone(records, { a: [0, 7000] }, 3), 3);
  assertEquals(countPlanned({ a: [0, 7000] }, 3), 6);
});

Deno.test("delaysOfRecords() knows the delays once the first block is whole", () => {
  assertEquals(delaysOfRecords([]), null);
  assertEquals(delaysOfRecords(recordsOf(1)), null);
  assertEquals(delaysOfRecords(recordsOf(2).slice(0, 10)), DELAYS_OF);
});
