import { assert, assertEquals } from "@std/assert";
import { parseSpec } from "../../../../src/probe/mod.ts";
import { ScheduleModel, seededRandom } from "../../../../src/probe/fake/schedule.ts";

function modelOf(spec: string, windowBaseNs = 0): ScheduleModel {
  return new ScheduleModel(parseSpec(spec), { windowBaseNs, random: seededRandom(1) });
}

/** The numbers of the hits that are delayed, of `count` executions. */
function delayedOf(model: ScheduleModel, count: number): number[] {
  const numbers: number[] = [];
  for (let number = 1; number <= count; number++) {
    if (model.decide(number).delayNs !== null) numbers.push(number);
  }
  return numbers;
}

Deno.test("every=N chooses N, 2N, …; times=M grants the first M of them", () => {
  assertEquals(delayedOf(modelOf("1us,every=3"), 10), [3, 6, 9]);
  assertEquals(delayedOf(modelOf("1us,every=3,times=2"), 100), [3, 6]);
  assertEquals(delayedOf(modelOf("1us,times=0"), 100), []);
});

Deno.test("a window is [start, start + duration) from its base, and hits are numbered in it alone", () => {
  const model = modelOf("1us,every=2,start=100ns,duration=4ns", 1000);
  const decisions = [1099, 1100, 1101, 1102, 1103, 1104].map((now) => model.decide(now));
  assertEquals(decisions.map(({ isHit }) => isHit), [false, true, true, true, true, false]);
  assertEquals(decisions.map(({ delayNs }) => delayNs !== null), [false, false, true, false, true, false]);
});

Deno.test("a hit that loses the draw of probability uses up nothing of times", () => {
  assertEquals(delayedOf(modelOf("1us,probability=0.1,times=20"), 10_000).length, 20);
});

Deno.test("a probe without delay has hits and delays none", () => {
  const decision = modelOf("0").decide(5);
  assertEquals(decision, { isHit: true, delayNs: null, isClipped: false });
});

Deno.test("draws outside 0 … 10 s are moved to the end and said to be clipped", () => {
  const low = modelOf("normal:0:1us");
  const high = modelOf("normal:10s:1s");
  for (let draw = 0; draw < 1000; draw++) {
    for (const { delayNs, isClipped } of [low.decide(draw), high.decide(draw)]) {
      assert(delayNs !== null && delayNs >= 0 && delayNs <= 10e9);
      assertEquals(isClipped && delayNs !== 0 && delayNs !== 10e9, false);
    }
  }
});

Deno.test("the distributions have the means that they are named by", () => {
  const mean = (spec: string) => {
    const model = modelOf(spec);
    let sum = 0;
    for (let draw = 0; draw < 20_000; draw++) sum += model.decide(draw).delayNs ?? 0;
    return sum / 20_000;
  };
  // Six standard deviations of the mean of 20,000 draws.
  for (
    const [spec, want, deviation] of [
      ["uniform:10us:30us", 20_000, 5774],
      ["normal:50us:5us", 50_000, 5000],
      ["exp:20us", 20_000, 20_000],
    ] as const
  ) {
    const got = mean(spec);
    assert(Math.abs(got - want) < 6 * deviation / Math.sqrt(20_000), `${spec}: ${got}`);
  }
});
