import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import {
  Blocks,
  estimateSlope,
  fitPolygon,
  judgeResponse,
  type Measurement,
  type Random,
  randomFrom,
  shuffled,
} from "../../../src/stats/mod.ts";

const LEVELS = [0, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

/** A draw of the standard normal distribution (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
}

interface Truth {
  respond: (x: number) => number;
  noise: (random: Random, x: number) => number;
  blocks?: number;
}

/** Measurements of a known response: blocks drift, and what is added differs a little from what was asked. */
function simulate({ respond, noise, blocks = 10 }: Truth, seed: number): Measurement[] {
  const random = randomFrom(seed);
  return Array.from({ length: blocks }, (_, block) => {
    const base = 10 + 0.05 * block + 0.3 * normal(random);
    return shuffled(LEVELS, random).map((level): Measurement => {
      const x = level * (1 + 0.005 * normal(random));
      return { block, level, x, y: base + respond(x) + noise(random, x) };
    });
  }).flat();
}

/** In how many of so many data sets the interval of the slope covers the truth. */
function coverage(truth: Truth, { slope, sets }: { slope: number; sets: number }): number {
  let covered = 0;
  for (let seed = 1; seed <= sets; seed++) {
    const blocks = new Blocks(simulate(truth, seed));
    const estimate = estimateSlope(blocks, {
      x: blocks.column(({ x }) => x),
      y: blocks.centre(fitPolygon(blocks).tamed),
      draws: 399,
      random: randomFrom(seed),
    });
    if (estimate.low <= slope && slope <= estimate.high) covered++;
  }
  return covered;
}

const NOISES: Record<string, Truth["noise"]> = {
  "normal noise": (random) => 0.1 * normal(random),
  "skewed noise": (random) => 0.05 * Math.exp(normal(random)),
  "noise with outliers": (random) => 0.05 * normal(random) + (random.fraction() < 0.1 ? 1 : 0),
  "noise that grows with x": (random, x) => (0.05 + 0.3 * x) * normal(random),
};
for (const [name, noise] of Object.entries(NOISES)) {
  Deno.test(`estimateSlope() covers the truth in 93 to 97 of 100 data sets: ${name}`, () => {
    const covered = coverage({ respond: (x) => x, noise }, { slope: 1, sets: 1000 });
    assertGreaterOrEqual(covered, 930);
    assertLessOrEqual(covered, 970);
  });
}

Deno.test("with one cell in ten disturbed intervals are less than half as wide as those of least squares", () => {
  let [robust, plain] = [0, 0];
  for (let seed = 1; seed <= 50; seed++) {
    const all = new Blocks(simulate({ respond: (x) => x, noise: NOISES["noise with outliers"] }, seed));
    const x = all.column(({ x }) => x);
    const width = (y: Float64Array) => {
      const { low, high } = estimateSlope(all, { x, y, draws: 99, random: randomFrom(seed) });
      return high - low;
    };
    robust += width(all.centre(fitPolygon(all).tamed));
    plain += width(all.column(({ y }) => y));
  }
  assertLessOrEqual(robust, plain / 2);
});

Deno.test("estimateSlope() covers the truth in 93 to 97 of 100 data sets: two and three blocks", () => {
  for (const blocks of [2, 3]) {
    const few = (level: number) => level === 0 || level === 0.4 || level === 1;
    let covered = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const noise: Truth["noise"] = (random) => 0.1 * normal(random);
      const rows = simulate({ respond: (x) => x, noise, blocks }, seed).filter(({ level }) => few(level));
      const all = new Blocks(rows);
      const { low, high } = estimateSlope(all, {
        x: all.column(({ x }) => x),
        y: all.column(({ y }) => y),
        draws: 99,
        random: randomFrom(seed),
      });
      if (low <= 1 && 1 <= high) covered++;
    }
    assertGreaterOrEqual(covered, 930);
    assertLessOrEqual(covered, 970);
  }
});

const SHAPES = {
  linear: (x: number) => x,
  hidden: () => 0,
  threshold: (x: number) => Math.max(0, x - 0.45),
  "super-linear": (x: number) => 0.3 * x + 0.7 * Math.max(0, x - 0.45),
  "sub-linear": (x: number) => x - 0.6 * Math.max(0, x - 0.45),
};
for (const [shape, respond] of Object.entries(SHAPES)) {
  Deno.test(`judgeResponse() finds a ${shape} response in 19 of 20 data sets`, () => {
    const noise: Truth["noise"] = (random) => 0.02 * normal(random);
    const found = Array.from(
      { length: 40 },
      (_, seed) =>
        judgeResponse(simulate({ respond, noise }, seed + 1), { negligible: 0.1, draws: 199 })?.shape,
    );
    assertGreaterOrEqual(found.filter((one) => one === shape).length, 38);
  });
}

Deno.test("judgeResponse() finds the slack of a threshold within a tenth", () => {
  const noise: Truth["noise"] = (random) => 0.02 * normal(random);
  for (let seed = 1; seed <= 20; seed++) {
    const response = judgeResponse(simulate({ respond: SHAPES.threshold, noise }, seed), {
      negligible: 0.1,
      draws: 199,
    });
    assert(response?.bend);
    assertLessOrEqual(Math.abs(response.bend.value - 0.45), 0.045);
  }
});

Deno.test("judgeResponse() finds a bend between the last two levels by the slope that is likely behind it, and says how open it is", () => {
  const noise: Truth["noise"] = (random) => 0.01 * normal(random);
  for (let seed = 1; seed <= 20; seed++) {
    const rows = simulate({ respond: (x) => Math.max(0, x - 0.75), noise }, seed).filter(({ level }) =>
      level !== 0.8
    );
    const response = judgeResponse(rows, { negligible: 0.1, full: 1, draws: 99 });
    assertEquals(response?.shape, "threshold");
    assert(response?.bend && response.beyond);
    assertLessOrEqual(Math.abs(response.bend.value - 0.75), 0.03);
    assert(response.bend.low < 0.61 && response.bend.high > 0.74);
    assert(response.beyond.low < 0.7 && response.beyond.high >= 1);
  }
});

Deno.test("judgeResponse() keeps to the measurements where they speak against the slope that is likely", () => {
  const noise: Truth["noise"] = (random) => 0.01 * normal(random);
  for (let seed = 1; seed <= 20; seed++) {
    const respond = (x: number) => 0.6 * Math.max(0, x - 0.35);
    const response = judgeResponse(simulate({ respond, noise }, seed), {
      negligible: 0.1,
      full: 1,
      draws: 99,
    });
    assert(response?.bend && response.beyond);
    assertLessOrEqual(Math.abs(response.bend.value - 0.35), 0.04);
    assertLessOrEqual(Math.abs(response.beyond.value - 0.6), 0.06);
  }
});

Deno.test("judgeResponse() does not call a response hidden when the noise is wider than what would matter", () => {
  const noise: Truth["noise"] = (random) => normal(random);
  const shapes = Array.from(
    { length: 20 },
    (_, seed) =>
      judgeResponse(simulate({ respond: () => 0, noise }, seed + 1), { negligible: 0.1, draws: 199 })?.shape,
  );
  assertEquals(shapes.filter((shape) => shape === "hidden"), []);
});

Deno.test("judgeResponse() says nothing of one level, or of one block", () => {
  const one = (block: number, x: number): Measurement => ({ block, level: x, x, y: 1 });
  assertEquals(judgeResponse([one(0, 1), one(0, 1), one(1, 1), one(1, 1)], { negligible: 0.1 }), null);
  assertEquals(judgeResponse([one(0, 0), one(0, 1)], { negligible: 0.1 }), null);
  assertEquals(judgeResponse([], { negligible: 0.1 }), null);
});

Deno.test("judgeResponse() repeats itself with the same seed", () => {
  const data = simulate({ respond: SHAPES.threshold, noise: (random) => 0.1 * normal(random) }, 7);
  const options = { negligible: 0.1, seed: 3, draws: 99 };
  assertEquals(judgeResponse(data, options), judgeResponse(data, options));
});

Deno.test("judgeResponse() takes results without any noise", () => {
  const data = simulate({ respond: SHAPES.linear, noise: () => 0 }, 1);
  const response = judgeResponse(data, { negligible: 0.1, draws: 99 });
  assertEquals(response?.shape, "linear");
  assert(Math.abs((response?.slope.value ?? 0) - 1) < 1e-9);
});
