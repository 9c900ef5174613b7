/** What a caller of the library asks for, and the hash that tells one experiment from another. */
import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { experimentOf, type SweepAsked } from "../../../src/sweep/asked.ts";
import { hashExperiment } from "../../../src/sweep/hash.ts";

const LEAST: SweepAsked = { command: ["true"], targets: ["libc:malloc"] };

Deno.test("experimentOf() has the defaults of the command line", () => {
  assertEquals(experimentOf(LEAST), {
    command: ["true"],
    metric: { kind: "wall" },
    targets: [{ name: "malloc", targets: ["libc:malloc"] }],
    delaysNs: "auto",
    repeats: { kind: "fixed", count: 10 },
    warmups: 1,
    seed: 1,
    budgetNs: null,
    maxFailures: 3,
    backend: "auto",
  });
});

Deno.test("experimentOf() takes times as text and as nanoseconds", () => {
  const text = experimentOf({ ...LEAST, delays: ["1us", "5us"], budget: "10m" });
  const number = experimentOf({ ...LEAST, delaysNs: [5000, 1000], budgetNs: 600e9 });
  assertEquals([text.delaysNs, text.budgetNs], [[0, 1000, 5000], 600e9]);
  assertEquals(number, text);
});

Deno.test("experimentOf() takes groups, metrics and ranges", () => {
  const { targets, metric, repeats } = experimentOf({
    ...LEAST,
    targets: [{ name: "heap", target: ["libc:malloc", "libc:free"] }, { target: "app:Foo::bar" }],
    metric: { json: ".qps", better: "higher" },
    repeats: { max: 12, until: 0.1 },
  });
  assertEquals(targets, [
    { name: "heap", targets: ["libc:malloc", "libc:free"] },
    { name: "Foo::bar", targets: ["app:Foo::bar"] },
  ]);
  assertEquals(metric, { kind: "json", path: ".qps", better: "higher" });
  assertEquals(repeats, { kind: "adaptive", min: 3, max: 12, until: 0.1 });
});

/** What must be refused, and what the message names. */
const REFUSED: [asked: object, seen: string][] = [
  [{ targets: ["a:f"] }, "no command"],
  [{ command: ["true"] }, "no target"],
  [{ ...LEAST, repeat: 3 }, '"repeat"'],
  [{ ...LEAST, command: "true" }, "it is a string"],
  [{ ...LEAST, command: ["true", 5] }, "no list of strings"],
  [{ ...LEAST, targets: [{ targt: "a:f" }] }, '"targt"'],
  [{ ...LEAST, targets: [{ target: [] }] }, "it names no function"],
  [{ ...LEAST, delays: ["1us"], delaysNs: [1000] }, "delays and delaysNs"],
  [{ ...LEAST, delaysNs: [0.5] }, '"0.5"'],
  [{ ...LEAST, budget: "1m", budgetNs: 1 }, "budget and budgetNs"],
  [{ ...LEAST, metric: "time" }, "no such metric"],
  [{ ...LEAST, metric: { json: ".a", better: "more" } }, '"more"'],
  [{ ...LEAST, repeats: 1 }, "at least 2"],
  [{ ...LEAST, repeats: { until: "0%" } }, "no share"],
  [{ ...LEAST, backend: "bpf" }, '"bpf"'],
  [{ ...LEAST, warmups: 1.5 }, "1.5 warm-ups"],
];
for (const [asked, seen] of REFUSED) {
  Deno.test(`experimentOf() refuses ${JSON.stringify(asked)}`, () => {
    const error = assertThrows(() => experimentOf(asked as SweepAsked), SbError);
    assertStringIncludes(error.message, seen);
    assertEquals(error.code.startsWith("usage."), true, error.code);
  });
}

Deno.test("hashExperiment() is the same for what makes cells comparable, whatever else changes", async () => {
  const hash = (parts: Partial<SweepAsked>) => hashExperiment(experimentOf({ ...LEAST, ...parts }));
  const first = await hash({});
  assertEquals(first.length, 16);
  for (
    const same of [{ delays: ["1us"] }, { repeats: 3 }, { warmups: 0 }, { budget: "1m" }, { maxFailures: 9 }]
  ) {
    assertEquals(await hash(same), first, JSON.stringify(same));
  }
  for (
    const other of [
      { command: ["true", ""] },
      { targets: ["libc:free"] },
      { targets: [{ name: "m", target: "libc:malloc" }] },
      { metric: "user+sys" },
      { seed: 2 },
    ] as const
  ) {
    assertNotEquals(await hash(other), first, JSON.stringify(other));
  }
});
