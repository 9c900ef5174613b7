/** Function times of several runs: the middle one, what differs, and when a run more is asked for. */
import { assertEquals } from "@std/assert";
import type { FunctionTime } from "../../../src/session/mod.ts";
import { areTimesOpen, middleTimes } from "../../../src/sweep/function_times.ts";

const timed = (target: string, inclusiveNs: number | null, ...notes: string[]): FunctionTime => ({
  target,
  calls: 1,
  inclusiveNs,
  unfinished: 0,
  notes,
});

Deno.test("a second run is asked for, a third where a target's times differ by more than a tenth, no fourth", () => {
  const runs = [30e6, 32e6, 103e6].map((ns) => [timed("sync", ns), timed("parse", 1e6)]);
  assertEquals(areTimesOpen([]), true);
  assertEquals(areTimesOpen([runs[0]]), true);
  assertEquals(areTimesOpen([runs[0], runs[1]]), false);
  assertEquals(areTimesOpen([runs[0], runs[2]]), true);
  assertEquals(areTimesOpen([runs[0], runs[2], runs[1]]), false);
});

Deno.test("the middle time stands, with the notes of its run and one on what differs much", () => {
  const timings = [
    [timed("sync", 103e6, "slow"), timed("parse", 1e6)],
    [timed("sync", 32e6, "usual"), timed("parse", 1.2e6)],
    [timed("sync", 30e6, "fast"), timed("parse", 1.1e6, "short")],
  ];
  assertEquals(middleTimes(timings), {
    functionNs: { sync: 32e6, parse: 1.1e6 },
    notes: [
      "sync: usual",
      "sync: the function took 30 ms in one run and 103 ms in another: what half of it gives is as uncertain",
      "parse: short",
    ],
  });
});

Deno.test("of two runs the shorter time stands; a run that could not tell is left out, and said where none could", () => {
  assertEquals(middleTimes([[timed("f", 12)], [timed("f", 11)]]), { functionNs: { f: 11 }, notes: [] });
  assertEquals(middleTimes([[timed("f", null, "too short")], [timed("f", 11)]]).functionNs, { f: 11 });
  assertEquals(middleTimes([[timed("f", null, "too short")], [timed("f", null, "too short")]]), {
    functionNs: { f: null },
    notes: ["f: too short"],
  });
  assertEquals(areTimesOpen([[timed("f", null)], [timed("f", null)]]), false);
});

Deno.test("a function that was never called takes no time, and differs by nothing", () => {
  assertEquals(middleTimes([[timed("f", 0)], [timed("f", 0)]]), { functionNs: { f: 0 }, notes: [] });
});
