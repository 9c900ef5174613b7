/** How late forked processes were armed. */
import { assert, assertEquals } from "@std/assert";
import { LateForks, NEVER_LATE } from "../../../src/probe/late.ts";

Deno.test("LateForks has zeros before the first fork", () => {
  assertEquals(new LateForks().figures, NEVER_LATE);
});

Deno.test("LateForks tells the longest time as it is, and the median within a sixteenth", () => {
  const late = new LateForks();
  for (let ns = 1000; ns <= 100_000; ns += 1000) late.add(ns);
  const { processes, medianNs, longestNs } = late.figures;
  assertEquals([processes, longestNs], [100, 100_000]);
  assert(medianNs > 50_000 * 15 / 16 && medianNs < 50_000 * 17 / 16, String(medianNs));
});

Deno.test("LateForks has no median beyond its longest time", () => {
  const late = new LateForks();
  late.add(1001);
  assertEquals(late.figures, { processes: 1, medianNs: 1001, longestNs: 1001 });
});
