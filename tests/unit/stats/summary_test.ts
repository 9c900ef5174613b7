/** Means and medians of few values, and of none. */
import { assertEquals } from "@std/assert";
import { mean, median } from "../../../src/stats/mod.ts";

Deno.test("mean() and median() of few values; the order does not matter, the values stay as they were", () => {
  const values = [9, 1, 2];
  assertEquals([mean(values), median(values)], [4, 2]);
  assertEquals([mean([3, 1, 2, 4]), median([3, 1, 2, 4])], [2.5, 2.5]);
  assertEquals(values, [9, 1, 2]);
});

Deno.test("mean() of none is no number, median() of none is 0", () => {
  assertEquals([mean([]), median([])], [NaN, 0]);
});
