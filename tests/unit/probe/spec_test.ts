/** The specification grammar: what is read, what is refused and with which words, and the way back. */
import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { formatDelay, formatSpec, meanDelayNs, parseDelay, parseSpec } from "../../../src/probe/mod.ts";

Deno.test("parseSpec() reads a fixed delay and takes the defaults", () => {
  assertEquals(parseSpec("5us"), {
    delayText: "5us",
    delay: { kind: "fixed", ns: 5000 },
    schedule: { every: 1, probability: 1, times: null, startNs: 0, durationNs: null },
    how: "spin",
    compensate: true,
  });
});

Deno.test("parseSpec() reads every key", () => {
  const spec = parseSpec(
    "exp:2us,every=10,probability=0.25,times=7,start=2m,duration=1h,how=sleep,compensate=no",
  );
  assertEquals(spec.delay, { kind: "exp", meanNs: 2000 });
  assertEquals(spec.schedule, {
    every: 10,
    probability: 0.25,
    times: 7,
    startNs: 120e9,
    durationNs: 3600e9,
  });
  assertEquals([spec.how, spec.compensate], ["sleep", false]);
});

Deno.test("parseSpec() lets the text win over the command's defaults", () => {
  const spec = parseSpec("1us,every=3", { every: 9, probability: 0.5, compensate: false });
  assertEquals(spec.schedule.every, 3);
  assertEquals(spec.schedule.probability, 0.5);
  assertEquals(spec.compensate, false);
});

Deno.test("parseSpec() accepts the ends of every range", () => {
  assertEquals(parseSpec("10s").delay, { kind: "fixed", ns: 1e10 });
  assertEquals(parseSpec("0,every=9007199254740992").schedule.every, 2 ** 53);
  assertEquals(parseSpec("0,times=0,probability=0").schedule.times, 0);
  assertEquals(parseSpec("0,start=30d").schedule.startNs, 30 * 86400e9);
  assertEquals(parseSpec("uniform:1us:1us").delay, { kind: "uniform", lowNs: 1000, highNs: 1000 });
});

const REFUSED: [text: string, code: string, message: string, hint: string][] = [
  ["", "usage.delay", 'Cannot read the delay "": it is empty', "5us"],
  [",every=2", "usage.delay", "it is empty", "5us"],
  ["5", "", "", ""],
  ["5xs", "usage.time", '"xs" is not a unit', "ns, us, ms, s"],
  ["0.5ns", "usage.time", "not a whole number of nanoseconds", "exact"],
  ["-5us", "usage.time", "it is negative", "from 0 to 10s"],
  ["10.000000001s", "usage.time", "more than 10s", "from 0 to 10s"],
  ["1m", "usage.time", '"m" is not a unit', "ns, us, ms, s"],
  ["5us,", "usage.delay", 'Cannot read "" in "5us,": it is not KEY=VALUE', "every=10"],
  ["5us,every", "usage.delay", 'Cannot read "every" in "5us,every": it is not KEY=VALUE', "every=10"],
  ["5us,evry=2", "usage.delay", 'Cannot read the key "evry": there is no such key', "Did you mean every?"],
  ["5us,zzzzzz=2", "usage.delay", "there is no such key", "Use one of every, probability"],
  ["5us,every=2,every=3", "usage.delay", "every is given twice", "Give every once"],
  ["5us,every=0", "usage.delay", 'Cannot read every="0": it is less than 1', "from 1 to"],
  ["5us,every=1.5", "usage.delay", 'Cannot read every="1.5": it is not a whole number', "whole number"],
  ["5us,every=9007199254740993", "usage.delay", "it is more than 9007199254740992", "from 1 to"],
  ["5us,every=", "usage.delay", 'Cannot read every="": it is not a whole number', "whole number"],
  ["5us,times=-1", "usage.delay", 'Cannot read times="-1": it is less than 0', "from 0 to"],
  ["5us,probability=1.01", "usage.delay", "it is not within 0 and 1", "from 0 to 1"],
  ["5us,probability=-0.1", "usage.delay", "it is not within 0 and 1", "from 0 to 1"],
  [
    "5us,probability=10%",
    "usage.delay",
    'Cannot read probability="10%": it is not a number',
    "probability=0.1",
  ],
  ["5us,probability=NaN", "usage.delay", "it is not a number", "from 0 to 1"],
  ["5us,start=31d", "usage.time", 'Cannot read the start "31d": it is more than', "from 0 to"],
  ["5us,duration=soon", "usage.time", 'Cannot read the duration "soon"', "5us"],
  [
    "5us,how=auto",
    "usage.delay",
    'Cannot read how="auto": it is not one of spin, sleep',
    "how=spin or how=sleep",
  ],
  ["5us,compensate=maybe", "usage.delay", "it is not one of yes, no", "compensate=no"],
  ["uniform:1us", "usage.delay", "uniform takes 2 times, not 1", "uniform:LOW:HIGH"],
  ["uniform", "usage.delay", "uniform takes 2 times, not 0", "uniform:LOW:HIGH"],
  ["uniform:5us:1us", "usage.delay", "LOW is more than HIGH", "Write uniform:1us:5us"],
  ["exp:1us:2us", "usage.delay", "exp takes 1 time, not 2", "exp:MEAN"],
  ["norml:1us:2us", "usage.delay", '"norml" is not a distribution', "Did you mean normal:MEAN:DEVIATION?"],
  ["toString:1us", "usage.delay", '"toString" is not a distribution', "Use one of uniform"],
  ["exp:11s", "usage.time", "more than 10s", "from 0 to 10s"],
  ["exp:", "usage.time", "it is not a number with a unit", "5us"],
];

for (const [text, code, message, hint] of REFUSED) {
  if (code === "") {
    Deno.test(`parseSpec() accepts "${text}" (the control of the refusals)`, () => void parseSpec(text));
    continue;
  }
  Deno.test(`parseSpec() refuses "${text}"`, () => {
    const error = assertThrows(() => parseSpec(text), SbError, message);
    assertStrictEquals(error.code as string, code);
    assertStringIncludes(error.hint ?? "", hint);
  });
}

Deno.test("formatSpec() writes what parseSpec() reads back to the same plan", () => {
  for (
    const text of [
      "0",
      "800ns",
      "1.5ms",
      "uniform:1us:5us,every=10",
      "normal:10us:2us,probability=0.1,times=0",
      "exp:2us,start=5s,duration=30s,how=sleep,compensate=no",
    ]
  ) {
    assertEquals(formatSpec(parseSpec(text)), text);
  }
  assertEquals(formatSpec(parseSpec("5000,every=1,start=2m")), "5us,start=120s");
});

Deno.test("formatDelay() writes times in their shortest exact unit", () => {
  assertEquals(formatDelay(parseDelay("uniform:1000ns:2500000ns")), "uniform:1us:2.5ms");
});

Deno.test("meanDelayNs() is the mean of the distribution", () => {
  const means = ["7us", "uniform:1us:5us", "normal:10us:2us", "exp:2us"].map((text) =>
    meanDelayNs(parseDelay(text))
  );
  assertEquals(means, [7000, 3000, 10000, 2000]);
});
