import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { readMetric, readNumber, readResult } from "../../../src/sweep/metric.ts";
import type { MetricAsked } from "../../../src/sweep/metric.ts";

Deno.test("readMetric() knows the four ways", () => {
  assertEquals(readMetric({ word: "wall" }), { kind: "wall" });
  assertEquals(readMetric({ word: "user+sys" }), { kind: "cpu" });
  assertEquals(readMetric({ regex: "qps: ([0-9.]+)", better: "higher" }), {
    kind: "regex",
    pattern: "qps: ([0-9.]+)",
    better: "higher",
  });
  assertEquals(readMetric({ json: ".runs[0].seconds" }), {
    kind: "json",
    path: ".runs[0].seconds",
    better: "lower",
  });
  assertEquals(readMetric({ command: ["wc", "-l"] }), {
    kind: "command",
    command: ["wc", "-l"],
    better: "lower",
  });
});

const REFUSED: Record<string, MetricAsked> = {
  "none": {},
  "two": { word: "wall", regex: "(a)" },
  "an unknown word": { word: "cpu" },
  "a direction of time": { word: "wall", better: "higher" },
  "a regular expression without a group": { regex: "[0-9]+" },
  "a broken regular expression": { regex: "(" },
  "a path without a point": { json: "qps" },
  "an empty path": { json: "" },
  "a path with an open bracket": { json: ".a[0" },
  "an empty command": { command: [] },
};
for (const [name, asked] of Object.entries(REFUSED)) {
  Deno.test(`readMetric() refuses ${name}`, () => {
    assertEquals(assertThrows(() => readMetric(asked), SbError).code, "usage.sweep");
  });
}

Deno.test("readResult() takes the last match of a regular expression", () => {
  const metric = { kind: "regex", pattern: "^throughput: ([0-9.]+)", better: "higher" } as const;
  assertEquals(readResult(metric, "throughput: 1.5\nother\nthroughput: 2.5 MB/s\n"), 2.5);
  assertEquals(readResult(metric, "no throughput: 1.5\n"), null);
  assertEquals(readResult({ ...metric, pattern: "(?:a|(b))" }, "a"), null);
});

Deno.test("readResult() takes a member of the document that the output, or its last line, is", () => {
  const metric = { kind: "json", path: ".runs[-1].seconds", better: "lower" } as const;
  assertEquals(readResult(metric, '{"runs":[{"seconds":1},{"seconds":2.5}]}\n'), 2.5);
  assertEquals(readResult(metric, '{\n "runs": [{"seconds": 3}]\n}\n'), 3);
  assertEquals(readResult(metric, 'starting\n{"runs":[{"seconds":"4"}]}\n'), 4);
  for (const output of ["", "text", "{}", '{"runs":[]}', '{"runs":[{"seconds":null}]}', "null"]) {
    assertEquals(readResult(metric, output), null);
  }
  assertEquals(readResult({ ...metric, path: ".constructor" }, "{}"), null);
});

Deno.test("readNumber() reads what people write, and nothing else", () => {
  assertEquals(["1", " -2.5 ", "1e3", "1_000", "+.5", "7."].map(readNumber), [1, -2.5, 1000, 1000, 0.5, 7]);
  assertEquals(["", "one", "1s", "0x10", "1.2.3", "NaN", "Infinity"].map(readNumber), Array(7).fill(null));
});
