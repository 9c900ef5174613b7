import { assertAlmostEquals, assertEquals } from "@std/assert";
import { normalUpperQuantile, normalUpperTail } from "../../../src/stats/mod.ts";

Deno.test("normalUpperTail() agrees with tabulated values", () => {
  assertAlmostEquals(normalUpperTail(0), 0.5, 1e-15);
  assertAlmostEquals(normalUpperTail(1), 0.15865525393145705, 1e-14);
  assertAlmostEquals(normalUpperTail(1.959963984540054), 0.025, 1e-14);
  assertAlmostEquals(normalUpperTail(3), 0.0013498980316300946, 1e-14);
  assertAlmostEquals(normalUpperTail(6) / 9.865876450376981e-10, 1, 1e-9);
  assertAlmostEquals(normalUpperTail(-1), 1 - 0.15865525393145705, 1e-14);
});

Deno.test("normalUpperQuantile() is the inverse of the tail", () => {
  assertEquals(normalUpperQuantile(0.5), 0);
  for (const tail of [0.4, 0.1, 0.01, 1e-4, 2 ** -32]) {
    assertAlmostEquals(normalUpperTail(normalUpperQuantile(tail)) / tail, 1, 1e-9);
  }
});
