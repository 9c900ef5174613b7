/** The documents of a sweep: JSON that is read back, CSV that readers of CSV read. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../../src/core/mod.ts";
import { cellsCsv, levelsCsv, readResult, resultDocument } from "../../../../src/sweep/report/mod.ts";
import type { Metric } from "../../../../src/sweep/model.ts";
import { BEHAVIOURS, syntheticSweep } from "./synthetic.ts";

const VERSION = { version: "1.2.3" };

/** As a file has it. */
function throughText(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document));
}

Deno.test("the document starts as all documents of sb do, with the kernel that the sweep ran on", () => {
  const { result } = syntheticSweep();
  const document = resultDocument(result, VERSION);
  assertEquals(Object.keys(document).slice(0, 3), ["schema", "sb_version", "kernel"]);
  assertEquals(document.schema, 1);
  assertEquals(document.sb_version, "1.2.3");
  assertEquals(document.kernel, "6.18.0");
});

Deno.test("every member of the document is in snake case, documented, and none is undefined", async () => {
  const { result } = syntheticSweep();
  const names: string[] = [];
  const visit = (value: unknown): void => {
    assert(value !== undefined);
    if (typeof value !== "object" || value === null) return;
    if (!Array.isArray(value)) names.push(...Object.keys(value));
    Object.values(value).forEach(visit);
  };
  visit(resultDocument(result, VERSION));
  assertEquals(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name)), []);
  const page = await Deno.readTextFile(new URL("../../../../docs/sweep_json.md", import.meta.url));
  const everywhere = ["schema", "sb_version", "kernel"];
  const bare = names.filter((name) =>
    !everywhere.includes(name) && !new RegExp(`[\`{ ]${name}[\`,}:]`).test(page)
  );
  assertEquals([...new Set(bare)], []);
});

Deno.test("a result read back says what the document says, for every metric and way to repeat", () => {
  const metrics: Metric[] = [
    { kind: "wall" },
    { kind: "cpu" },
    { kind: "regex", pattern: "qps: ([0-9.]+)", better: "higher" },
    { kind: "json", path: ".qps", better: "higher" },
    { kind: "command", command: ["awk", "{ print $2 }"], better: "lower" },
  ];
  for (const metric of metrics) {
    const { result } = syntheticSweep({ metric, failures: [4] });
    const repeats = { kind: "adaptive", min: 3, max: 30, until: 0.05 } as const;
    const asked = { ...result, experiment: { ...result.experiment, repeats, budgetNs: 6e11 } };
    const document = throughText(resultDocument(asked, VERSION));
    const again = readResult(document);
    assertEquals(throughText(resultDocument(again, VERSION)), document);
    assertEquals(again.experiment.metric, metric);
    assertEquals(again.experiment.repeats, repeats);
    assertEquals(again.experiment.targets, result.experiment.targets);
    assertEquals(again.commands, result.commands);
    assertEquals(again.functionNs, result.functionNs);
    assertEquals(
      again.targets.map(({ class: shape }) => shape),
      result.targets.map((target) => target.class),
    );
  }
});

Deno.test("names of targets that JavaScript knows otherwise go through the document", () => {
  const names = ["__proto__", "constructor", "toString"];
  const behaviours = Object.fromEntries(names.map((name) => [name, BEHAVIOURS.malloc]));
  const { result } = syntheticSweep({ behaviours, blocks: 3 });
  const again = readResult(throughText(resultDocument(result, VERSION)));
  assertEquals(again.ranking.toSorted(), names.toSorted());
  for (const name of names) assertEquals(again.functions[name], [`/usr/bin/python3.11:${name}`]);
});

Deno.test("numbers are rounded: times to nanoseconds, estimates to six digits; what is none is null", () => {
  const { result } = syntheticSweep({ blocks: 3 });
  const [target] = result.targets;
  const sensitivity = { value: 1 / 3, low: NaN, high: 2 / 3e7 };
  const levels = [{ ...target.levels[0], addedNs: 12.7, result: 123_456_789_012.4 }];
  const document = throughText(
    resultDocument({ ...result, targets: [{ ...target, sensitivity, levels }] }, VERSION),
  ) as { targets: { sensitivity: unknown; levels: { added_ns: number; result: number }[] }[] };
  assertEquals(document.targets[0].sensitivity, { value: 0.333333, low: null, high: 6.66667e-8 });
  assertEquals(document.targets[0].levels[0].added_ns, 13);
  assertEquals(document.targets[0].levels[0].result, 123_456_789_012);
});

Deno.test("readResult() refuses what is no document of a sweep, and says where", () => {
  const { result } = syntheticSweep({ blocks: 2 });
  const good = () => throughText(resultDocument(result, VERSION)) as Document;
  interface Document {
    schema: unknown;
    name?: unknown;
    targets: { class: unknown; levels: unknown }[];
    machine: unknown;
  }
  const bad: [string, (document: Document) => unknown][] = [
    ["schema", () => null],
    ["schema", () => 7],
    ["schema", () => []],
    ["schema", (document) => ({ ...document, schema: 2 })],
    ["name", (document) => ({ ...document, name: undefined })],
    ["name", (document) => ({ ...document, name: 5 })],
    ["machine", (document) => ({ ...document, machine: [] })],
    ["targets", (document) => ({ ...document, targets: {} })],
    [
      "targets[0].class",
      (document) => ({ ...document, targets: [{ ...document.targets[0], class: "odd" }] }),
    ],
    ["targets[0].levels", (document) => ({ ...document, targets: [{ ...document.targets[0], levels: 1 }] })],
  ];
  for (const [place, damage] of bad) {
    const error = assertThrows(() => readResult(throughText(damage(good()) ?? null)), SbError) as SbError;
    assertEquals([error.code, (error.data as { path: string }).path], ["sweep.journal", place]);
  }
});

Deno.test("cells and levels as CSV have a line each, with quotes where a name needs them", () => {
  const behaviours = { 'a,"b"': BEHAVIOURS.malloc };
  const { result, records } = syntheticSweep({ behaviours, blocks: 2, failures: [0] });
  const lines = cellsCsv(records).split("\r\n");
  assertEquals(lines.length, 1 + records.length + 1);
  assertEquals(lines[0].split(",").slice(0, 4), ["cell", "target", "delay_ns", "repeat"]);
  assert(lines[1].startsWith('"0.a,""b"".0","a,""b""",0,0,1,2026-01-02T03:04:05.678Z,1,,'), lines[1]);
  const levels = levelsCsv(result).split("\r\n");
  assertEquals(levels.length, 1 + 5 + 1);
  assert(levels[1].startsWith('"a,""b""",0,1,0,'), levels[1]);
});
