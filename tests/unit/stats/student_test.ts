import { assertAlmostEquals } from "@std/assert";
import { studentQuantile } from "../../../src/stats/mod.ts";

Deno.test("studentQuantile() gives the values of the tables", () => {
  for (
    const [freedom, t] of [[1, 12.7062], [2, 4.3027], [3, 3.1824], [7, 2.3646], [10, 2.2281], [60, 2.0003]]
  ) {
    assertAlmostEquals(studentQuantile(0.95, freedom), t, 1e-4);
  }
  assertAlmostEquals(studentQuantile(0.5, 1), 1, 1e-9);
});
