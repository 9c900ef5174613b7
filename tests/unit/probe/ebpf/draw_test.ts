import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { quantileTable, TABLE_BYTES } from "../../../../src/probe/ebpf/draw.ts";
import type { Delay } from "../../../../src/probe/mod.ts";

/** What the program computes, for one 32-bit draw. */
function draw(table: BigInt64Array, word: number): number {
  const side = word & 1;
  const distance = Math.max(1, word >>> 1);
  const octave = 31 - Math.clz32(distance);
  const scaled = BigInt(distance) << BigInt(31 - octave);
  const entry = octave * 32 + Number(scaled >> 26n & 31n);
  const low = table[side * 1024 + entry];
  const high = table[side * 1024 + entry + 1];
  return Number(low + ((high - low) * (scaled & 0x3ffffffn) >> 26n));
}

/** Draws over an even grid of 32-bit words: mean and standard deviation. */
function moments(delay: Delay): { mean: number; deviation: number } {
  const table = new BigInt64Array(quantileTable(delay).buffer);
  const count = 400_000;
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < count; index++) {
    const value = draw(table, Math.floor((index + 0.5) * 2 ** 32 / count / 2) * 2 + index % 2 >>> 0);
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(squares / count - mean * mean) };
}

Deno.test("quantileTable() has the size that the program masks with", () => {
  assertEquals(quantileTable({ kind: "exp", meanNs: 1 }).length, TABLE_BYTES);
});

Deno.test("draws of a uniform distribution have its mean, deviation and bounds", () => {
  const { mean, deviation } = moments({ kind: "uniform", lowNs: 1000, highNs: 5000 });
  assertAlmostEquals(mean, 3000, 3);
  assertAlmostEquals(deviation, 4000 / Math.sqrt(12), 3);
  const table = new BigInt64Array(quantileTable({ kind: "uniform", lowNs: 1000, highNs: 5000 }).buffer);
  for (const word of [0, 1, 2, 3, 0xffffffff, 0xfffffffe, 0x80000000]) {
    const value = draw(table, word);
    assert(value >= 1000 && value <= 5000, `word ${word}: ${value}`);
  }
});

Deno.test("draws of a normal distribution have its mean and deviation", () => {
  const { mean, deviation } = moments({ kind: "normal", meanNs: 100_000, deviationNs: 20_000 });
  assertAlmostEquals(mean, 100_000, 100);
  assertAlmostEquals(deviation, 20_000, 100);
});

Deno.test("draws of an exponential distribution have its mean, deviation and tail", () => {
  const { mean, deviation } = moments({ kind: "exp", meanNs: 10_000 });
  assertAlmostEquals(mean, 10_000, 50);
  assertAlmostEquals(deviation, 10_000, 100);
  const table = new BigInt64Array(quantileTable({ kind: "exp", meanNs: 10_000 }).buffer);
  // The most extreme draw of the upper side: 2^-32 from the end.
  assertAlmostEquals(draw(table, 3), -10_000 * Math.log(2 ** -32), 500);
});
