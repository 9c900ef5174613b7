import { assertEquals } from "@std/assert";
import { bucketCount, bucketOf } from "../../../../src/probe/ebpf/layout.ts";
import {
  histogramQuantile,
  possibleCpus,
  toStatistics,
  type Totals,
} from "../../../../src/probe/ebpf/records.ts";

function totalsOf(values: number[], more: Partial<Totals> = {}): Totals {
  const buckets = new Array<bigint>(bucketCount(4)).fill(0n);
  for (const value of values) buckets[bucketOf(value, 4)]++;
  return {
    hits: BigInt(values.length),
    delayed: BigInt(values.length),
    cut: 0n,
    clipped: 0n,
    addedNs: BigInt(values.reduce((sum, value) => sum + value, 0)),
    outside: 0n,
    floorNs: 0n,
    maxNs: BigInt(Math.max(0, ...values)),
    minNs: BigInt(Math.min(...values, Number.MAX_SAFE_INTEGER)),
    buckets,
    ...more,
  };
}

Deno.test("toStatistics() keeps min, mean and max exact and quantiles within a bucket", () => {
  const values = Array.from({ length: 1000 }, (_, index) => 5000 + index);
  const statistics = toStatistics(totalsOf(values), { shift: 4, misses: 0, floorNs: 600 });
  assertEquals([statistics.minNs, statistics.meanNs, statistics.maxNs], [5000, 5500, 5999]);
  for (const [got, want] of [[statistics.p50Ns, 5500], [statistics.p90Ns, 5900], [statistics.p99Ns, 5990]]) {
    assertEquals(
      Math.abs((got as number) - (want as number)) <= 0.0625 * (want as number),
      true,
      `${got} for ${want}`,
    );
  }
  assertEquals(statistics.histogram.reduce((sum, bucket) => sum + bucket.count, 0), 1000);
  assertEquals(statistics.histogram.every((bucket) => bucket.count > 0), true);
});

Deno.test("toStatistics() has no extremes and no quantiles without a whole delay", () => {
  const statistics = toStatistics(totalsOf([], { hits: 3n, delayed: 1n, cut: 1n }), {
    shift: 4,
    misses: 2,
    floorNs: 100,
  });
  assertEquals([statistics.minNs, statistics.meanNs, statistics.p50Ns, statistics.maxNs], [
    null,
    null,
    null,
    null,
  ]);
  assertEquals([statistics.hits, statistics.cut, statistics.misses, statistics.overheadNs], [3, 1, 2, 200]);
});

Deno.test("histogramQuantile() of one value is that value", () => {
  const statistics = toStatistics(totalsOf([5003]), { shift: 4, misses: 0, floorNs: 0 });
  assertEquals([statistics.p50Ns, statistics.p99Ns], [5003, 5003]);
  assertEquals(histogramQuantile([], 0.5), 0);
});

Deno.test("possibleCpus() counts at least the CPUs that are online", () => {
  assertEquals(possibleCpus() >= navigator.hardwareConcurrency, true);
});
