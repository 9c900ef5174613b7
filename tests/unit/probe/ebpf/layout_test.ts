import { assert, assertEquals } from "@std/assert";
import {
  bucketCount,
  bucketOf,
  bucketStart,
  encodeCookie,
  FLOORS_OFFSET,
  HEADER,
  histogramShift,
  SLOT,
  SLOT_BYTES,
  SLOTS_OFFSET,
} from "../../../../src/probe/ebpf/layout.ts";

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

Deno.test("the header, the floors and the slots do not overlap", () => {
  assert(HEADER.sizeBytes <= FLOORS_OFFSET);
  assert(FLOORS_OFFSET + 32 * 8 <= SLOTS_OFFSET);
  assert(SLOT.sizeBytes <= SLOT_BYTES);
  assertEquals(SLOTS_OFFSET % 64, 0);
});

Deno.test("encodeCookie() keeps slot, floor class and condition apart", () => {
  assertEquals(encodeCookie({ slot: 0xffff, floorClass: 3 }), 0x3ffffn);
  assertEquals(
    encodeCookie({ slot: 1, floorClass: 2, condition: { mask: 0x41, when: "clear" } }),
    0x0000_0041_0002_0001n,
  );
  assertEquals(
    encodeCookie({ slot: 1, floorClass: 2, condition: { mask: 0x41, when: "set" } }),
    0x1_0041_0002_0001n,
  );
});
