/** The reports, as text and as JSON, against golden files. */
import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { attachJson, dryRunJson, runJson } from "../../src/cli/output/json.ts";
import { paintFor } from "../../src/cli/output/colour.ts";
import { dryRunText } from "../../src/cli/output/dry_run.ts";
import { attachText, runText } from "../../src/cli/output/text.ts";
import { assertGolden } from "./golden.ts";
import {
  sampleAttach,
  sampleDryRun,
  samplePlan,
  sampleReport,
  sampleRun,
  sampleStatistics,
  troubledRun,
} from "./samples.ts";

const plain = { paint: paintFor("never", false), quiet: false };

/** Indented, and with this machine's kernel replaced by a fixed one. */
function readable(json: string): string {
  const document = JSON.parse(json);
  assertEquals(document.kernel, Deno.osRelease());
  return JSON.stringify({ ...document, kernel: "6.18.0" }, null, 2) + "\n";
}

Deno.test("runText() shows a run as a line of facts and a table", () => {
  assertGolden("run.txt", runText(sampleRun(), plain));
});

Deno.test("runText() warns of everything that a reader must know", () => {
  assertGolden("run_warnings.txt", runText(troubledRun(), plain));
});

Deno.test("runText() leaves warnings and notes out when it is to be quiet", () => {
  const text = runText(troubledRun(), { ...plain, quiet: true });
  assertFalse(text.includes("warning:") || text.includes("note:") || text.includes("hint:"));
  assertStringIncludes(text, "PyDict_GetItem");
});

Deno.test("runText() shows 40 of many probes, those that added most, and sums up the rest", () => {
  const probes = Array.from({ length: 2000 }, (_, index) =>
    sampleReport({
      plan: samplePlan(`f${index}`, "1us"),
      statistics: sampleStatistics({ hits: index, delayed: index, addedNs: index * 1000, meanNs: 1000 }),
    }));
  const text = runText(sampleRun({ probes }), plain);
  assertStringIncludes(text, ":f1999 ");
  assertFalse(text.includes(":f1959 "));
  assertStringIncludes(text, "and 1,960 more: 1,919,820 hits, 1.92 s added (--json has all)");
});

Deno.test("runText() says once what holds for many probes", () => {
  const probes = Array.from(
    { length: 5 },
    (_, index) => sampleReport({ plan: samplePlan(`g${index}`, "1us"), statistics: sampleStatistics() }),
  );
  const warnings = runText(sampleRun({ probes }), plain).split("\n").filter((line) =>
    line.startsWith("warning:")
  );
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], "5 probes were not hit: ");
  assertStringIncludes(warnings[0], "g2, …");
});

Deno.test("runText() colours only when it may", () => {
  const esc = String.fromCharCode(27);
  assert(runText(troubledRun(), { ...plain, paint: paintFor("always", false) }).includes(esc));
  assertFalse(runText(troubledRun(), { ...plain, paint: paintFor("auto", false) }).includes(esc));
});

Deno.test("attachText() shows an interval and the end", () => {
  assertGolden("attach.txt", attachText(sampleAttach(null), plain) + attachText(sampleAttach("time"), plain));
});

Deno.test("dryRunText() shows each site", () => {
  assertGolden("dry_run.txt", dryRunText(sampleDryRun(), plain.paint));
});

Deno.test("runJson() has the members of the contract, and no empty buckets", () => {
  assertGolden("run.json", readable(runJson(sampleRun())));
});

Deno.test("runJson() writes null for what was not measured, and what shared isolation cost", () => {
  assertGolden("run_warnings.json", readable(runJson(troubledRun())));
});

Deno.test("runJson() saturates at 2^53 - 1", () => {
  const statistics = sampleStatistics({ hits: 2 ** 60, addedNs: Infinity });
  const { probes } = JSON.parse(runJson(sampleRun({ probes: [sampleReport({ statistics })] })));
  assertEquals([probes[0].hits, probes[0].added_ns], [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
});

Deno.test("attachJson() is one line, with `ended` null until the end", () => {
  const line = attachJson(sampleAttach(null));
  assertEquals(line.indexOf("\n"), line.length - 1);
  assertGolden("attach_json.txt", readable(line) + readable(attachJson(sampleAttach("interrupted"))));
});

Deno.test("dryRunJson() has sites, schedules and no floor that is not known", () => {
  assertGolden("dry_run.json", readable(dryRunJson(sampleDryRun())));
});
