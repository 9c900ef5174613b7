/** The kernel module's random delays: a million seeded draws of each distribution. */
import { assert, assertAlmostEquals, assertLess } from "@std/assert";
import { executable, skipUnless } from "../../skip.ts";
import { Driver, PARTS } from "./build.ts";

const DRAWS = 1_000_000;
const LONGEST_NS = 1e10;
/** A distance that one in 10^5 correct samples exceeds (Kolmogorov: 2·exp(−2λ²), λ = distance · √n). */
const MAX_DISTANCE = 2.47 / Math.sqrt(DRAWS);

/** A distribution, the mean and deviation it must have, and how many draws in a million are clipped at either end. */
interface Case {
  dist: readonly [kind: string, a: number, b: number];
  mean?: number;
  deviation?: number;
  low?: number;
  high?: number;
}

const CASES: readonly Case[] = [
  { dist: ["uniform", 0, 1], mean: 0.5, deviation: 0.5 },
  { dist: ["uniform", 1000, 1999], mean: 1499.5, deviation: 1000 / Math.sqrt(12) },
  { dist: ["uniform", 0, LONGEST_NS], mean: LONGEST_NS / 2, deviation: LONGEST_NS / Math.sqrt(12) },
  { dist: ["uniform", 7, 7], mean: 7, deviation: 0 },
  { dist: ["normal", 5_000_000, 500_000], mean: 5_000_000, deviation: 500_000 },
  { dist: ["normal", 5e9, 7e8], mean: 5e9, deviation: 7e8 },
  { dist: ["normal", 1_000_000, 1_000_000], low: 158_655 },
  { dist: ["normal", 0, 1_000_000], low: 500_000 },
  { dist: ["normal", LONGEST_NS, 1000], high: 500_000 },
  { dist: ["normal", 0, LONGEST_NS], low: 500_000, high: 158_655 },
  { dist: ["normal", 12345, 0], mean: 12345, deviation: 0 },
  { dist: ["exp", 100_000, 0], mean: 100_000, deviation: 100_000 },
  { dist: ["exp", 100_000_000, 0], mean: 100_000_000, deviation: 100_000_000 },
  { dist: ["exp", LONGEST_NS, 0], high: 367_879 },
  { dist: ["exp", 0, 0], mean: 0, deviation: 0 },
];

/** Whether a count of so probable events is within 5 deviations of what is expected. */
function isLikely(count: number, expected: number): boolean {
  return Math.abs(count - expected) <= 5 * Math.sqrt(expected * (1 - expected / DRAWS));
}

/** What the driver prints of a sample. */
interface Sample {
  mean: number;
  deviation: number;
  distance: number;
  low: number;
  high: number;
  least: number;
  greatest: number;
}

async function draw(driver: Driver, [kind, a, b]: Case["dist"]): Promise<Sample> {
  const [line] = await driver.lines([], kind, `${a}`, `${b}`);
  const [mean, deviation, distance, low, high, least, greatest] = line.split(" ").map(Number);
  return { mean, deviation, distance, low, high, least, greatest };
}

function assertFits({ dist: [kind, a, b], mean, deviation, low = 0, high = 0 }: Case, seen: Sample): void {
  if (mean !== undefined && deviation !== undefined) {
    assertAlmostEquals(seen.mean, mean, 5 * deviation / Math.sqrt(DRAWS) + 1e-6);
    // The deviation of a deviation: of an exponential distribution twice as much as of a normal one.
    assertAlmostEquals(seen.deviation, deviation, 10 * deviation / Math.sqrt(DRAWS) + 1e-6);
  }
  if (deviation !== 0) assertLess(seen.distance, MAX_DISTANCE);
  const clipped = `clipped ${seen.low} and ${seen.high}, not ${low} and ${high}`;
  assert(isLikely(seen.low, low) && isLikely(seen.high, high), clipped);
  assert(seen.least >= 0 && seen.greatest <= LONGEST_NS);
  if (kind === "uniform") {
    assert(seen.least >= a && seen.greatest <= b, "out of the interval");
    assert(seen.least - a <= (b - a) / 1e4 && b - seen.greatest <= (b - a) / 1e4, "not up to its ends");
  }
}

Deno.test({
  ...skipUnless("sb_draw_ns() has the distribution that was asked for", executable("/usr/bin/gcc")),
  fn: async (t) => {
    using driver = new Driver("draw_driver", PARTS.draw);
    for (const one of CASES) {
      await t.step(one.dist.join(":"), async () => assertFits(one, await draw(driver, one.dist)));
    }
  },
});

Deno.test({
  ...skipUnless("sb_draw_ns() draws as far out as a million draws should come", executable("/usr/bin/gcc")),
  fn: async () => {
    using driver = new Driver("draw_driver", PARTS.draw);
    const means = (await draw(driver, ["exp", 1e6, 0])).greatest / 1e6;
    const deviations = ((await draw(driver, ["normal", 1e9, 1e6])).greatest - 1e9) / 1e6;
    // ln 10^6 and 4.9; one in 10^4 samples is further away than this.
    assert(means > 11 && means < 24, `${means} means`);
    assert(deviations > 4.2 && deviations < 6.3, `${deviations} deviations`);
  },
});
