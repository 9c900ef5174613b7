import { assertEquals, assertNotEquals } from "@std/assert";
import { planBlock } from "../../../src/sweep/design.ts";

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
