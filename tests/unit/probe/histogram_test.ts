import { assert, assertEquals } from "@std/assert";
import {
  bucketCount,
  bucketOf,
  bucketStart,
  histogramQuantile,
  histogramShift,
} from "../../../src/probe/histogram.ts";

Deno.test("bucketOf() and bucketStart() agree at every edge, 16 and 2 buckets an octave", () => {
  for (const shift of [1, 4]) {
    for (let bucket = 0; bucket < bucketCount(shift); bucket++) {
      const start = bucketStart(bucket, shift);
      assertEquals(bucketOf(start, shift), bucket, `shift ${shift}, start ${start}`);
      if (bucket > 0) assertEquals(bucketOf(start - 1, shift), bucket - 1, `shift ${shift}, below ${start}`);
    }
  }
});

Deno.test("a bucket above the exact ones is at most 1/16 as wide as its start", () => {
  for (let bucket = 16; bucket < bucketCount(4) - 1; bucket++) {
    const start = bucketStart(bucket, 4);
    assert(bucketStart(bucket + 1, 4) - start <= start / 16, `bucket ${bucket}`);
  }
});

Deno.test("bucketOf() puts what is beyond the last octave into the last bucket", () => {
  assertEquals(bucketOf(2 ** 40, 4), bucketCount(4) - 1);
});

Deno.test("histogramShift() is 16 buckets an octave up to 256 probes, 2 above", () => {
  assertEquals([1, 256, 257, 4096].map(histogramShift), [4, 4, 1, 1]);
});

Deno.test("histogramQuantile() of nothing is zero", () => {
  assertEquals(histogramQuantile([], 0.5), 0);
});
