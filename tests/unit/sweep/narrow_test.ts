import { assertEquals } from "@std/assert";
import type { CellRecord, Metric } from "../../../src/sweep/model.ts";
import { isNarrow } from "../../../src/sweep/narrow.ts";
import type { TargetResult } from "../../../src/sweep/result.ts";

const WALL: Metric = { kind: "wall" };
const RATE: Metric = { kind: "regex", pattern: "(.*)", better: "higher" };

function target(name: string, width: number | null, hitsPerRun = 10): TargetResult {
  return {
    name,
    sensitivity: width === null ? null : { value: 1, low: 1 - width / 2, high: 1 + width / 2 },
    class: "linear",
    slackNs: null,
    bendNs: null,
    beyond: null,
    r2: null,
    hitsPerRun,
    gain: null,
    levels: [],
    warnings: [],
  };
}

function narrow(targets: TargetResult[], metric = WALL, records: CellRecord[] = []): boolean {
  return isNarrow(targets, { until: 0.05, metric, records });
}

Deno.test("isNarrow() asks for each target's interval", () => {
  assertEquals(narrow([target("a", 0.04), target("b", 0.049)]), true);
  assertEquals(narrow([target("a", 0.04), target("b", 0.051)]), false);
});

Deno.test("isNarrow() waits for a target that is not known yet, and for none that is never called", () => {
  assertEquals(narrow([target("a", 0.04), target("b", null)]), false);
  assertEquals(narrow([target("a", 0.04), target("b", null, 0)]), true);
});

Deno.test("isNarrow() compares other results with what a program that only waits would lose", () => {
  const base = { target: "a", delayNs: 0, exit: 0, result: 1000, wallNs: 2e9 } as CellRecord;
  assertEquals(narrow([target("a", 24)], RATE, [base]), true);
  assertEquals(narrow([target("a", 26)], RATE, [base]), false);
});
