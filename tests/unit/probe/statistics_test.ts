import { assertEquals } from "@std/assert";
import { bucketOf } from "../../../src/probe/histogram.ts";
import { toStatistics, type Totals } from "../../../src/probe/statistics.ts";

function totalsOf(values: number[], more: Partial<Totals> = {}): Totals {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(bucketOf(value, 4), (counts.get(bucketOf(value, 4)) ?? 0) + 1);
  return {
    hits: values.length,
    delayed: values.length,
    cut: 0,
    misses: 0,
    clipped: 0,
    addedNs: values.reduce((sum, value) => sum + value, 0),
    overheadNs: 0,
    maxNs: Math.max(0, ...values),
    minNs: Math.min(...values, Number.MAX_SAFE_INTEGER),
    counts: [...counts].sort(([x], [y]) => x - y),
    ...more,
  };
}

Deno.test("toStatistics() keeps min, mean and max exact and quantiles within a bucket", () => {
  const values = Array.from({ length: 1000 }, (_, index) => 5000 + index);
  const statistics = toStatistics(totalsOf(values), 4);
  assertEquals([statistics.minNs, statistics.meanNs, statistics.maxNs], [5000, 5500, 5999]);
  for (const [got, want] of [[statistics.p50Ns, 5500], [statistics.p90Ns, 5900], [statistics.p99Ns, 5990]]) {
    assertEquals(
      Math.abs((got as number) - (want as number)) <= 0.0625 * (want as number),
      true,
      `${got} for ${want}`,
    );
  }
  assertEquals(statistics.histogram.reduce((sum, bucket) => sum + bucket.count, 0), 1000);
});

Deno.test("toStatistics() has no extremes and no quantiles without a whole delay", () => {
  const statistics = toStatistics(
    totalsOf([], { hits: 3, delayed: 1, cut: 1, misses: 2, overheadNs: 200 }),
    4,
  );
  assertEquals(
    [statistics.minNs, statistics.meanNs, statistics.p50Ns, statistics.maxNs],
    [null, null, null, null],
  );
  assertEquals([statistics.hits, statistics.cut, statistics.misses, statistics.overheadNs], [3, 1, 2, 200]);
});

Deno.test("toStatistics() has no quantiles where no histogram is kept, and exact extremes", () => {
  const statistics = toStatistics({ ...totalsOf([5003, 6001]), counts: [] }, 4);
  assertEquals([statistics.minNs, statistics.p50Ns, statistics.maxNs], [5003, null, 6001]);
});

Deno.test("the quantiles of one value are that value", () => {
  const statistics = toStatistics(totalsOf([5003]), 4);
  assertEquals([statistics.p50Ns, statistics.p99Ns], [5003, 5003]);
});
