/** Pictures and page as text; tests/browser opens them. */
import { assert, assertEquals } from "@std/assert";
import { reportHtml, reportSvgs } from "../../../../src/sweep/report/mod.ts";
import { curveOf } from "../../../../src/sweep/report/curve.ts";
import { BEHAVIOURS, syntheticSweep } from "./synthetic.ts";

const VERSION = { version: "1.2.3" };
const HOSTILE = `</script><script>alert(1)</script>"'&<b>`.replaceAll(" ", "_");

Deno.test("there is a picture of the ranking, of each function that ran, of hits that change, and of the noise", async () => {
  const { result, records } = syntheticSweep({ failures: [3] });
  const svgs = await reportSvgs(result, records);
  assertEquals(Object.keys(svgs).toSorted(), [
    "drift.svg",
    "hits.gc_collect.svg",
    "ranking.svg",
    "response.PyObject_GetAttr.svg",
    "response.gc_collect.svg",
    "response.malloc.svg",
    "response.noisy.svg",
    "response.pthread_mutex_lock.svg",
    "response.writeback.svg",
  ]);
  for (const [name, text] of Object.entries(svgs)) {
    assert(text.startsWith("<?xml"), name);
    assert(!text.includes("var(--"), `${name} has colours that only the page knows`);
    assert(!/NaN|Infinity|undefined/.test(text), name);
  }
});

Deno.test("the same sweep gives the same pictures and the same page", async () => {
  const { result, records } = syntheticSweep({ blocks: 3 });
  assertEquals(await reportSvgs(result, records), await reportSvgs(result, records));
  assertEquals(await reportHtml(result, records, VERSION), await reportHtml(result, records, VERSION));
});

Deno.test("a curve has its cells, levels and fit; what is extrapolated lies left of what was tried, alone", () => {
  const { result, records } = syntheticSweep({ failures: [1] });
  const target = result.targets.find(({ name }) => name === "malloc");
  assert(target);
  const curve = curveOf(target, { result, records });
  assert(curve && curve.gain && curve.bend);
  assertEquals(curve.cells.length, 49);
  assertEquals(curve.levels.length, 5);
  assertEquals(curve.fit.length, 3);
  assert(Math.abs(curve.fit[1].x - 41e6) < 8e6);
  assert(Math.abs(curve.fit[1].y) < 4e6 && curve.fit[2].y > 100e6);
  assert(curve.gain.to.x < 0 && curve.fit.every(({ x }) => x >= 0));
  // Without noise of whole blocks: the machine's drift is taken off.
  const plain = curve.cells.filter(({ record }) => record.delayNs === 0).map(({ y }) => Math.abs(y));
  assert(Math.max(...plain) < 20e6);
});

Deno.test("hostile names and commands are text in the page and in the pictures", async () => {
  const { result, records } = syntheticSweep({
    behaviours: {
      [HOSTILE]: BEHAVIOURS.malloc,
      "../../etc/passwd": BEHAVIOURS.gc_collect,
      名前: BEHAVIOURS.writeback,
    },
    command: ["sh", "-c", `echo "${HOSTILE}"\nexit\u0000`],
    blocks: 3,
  });
  const page = await reportHtml(result, records, VERSION);
  assertEquals(page.match(/<script/g)?.length, 2);
  assertEquals(page.match(/<\/script>/g)?.length, 2);
  assert(!page.includes("<b>") && !page.includes("\u0000"));
  const svgs = await reportSvgs(result, records);
  assert(
    Object.keys(svgs).every((name) => !name.includes("/") && !name.startsWith(".")),
    Object.keys(svgs).join(),
  );
  assert(Object.keys(svgs).includes("response.名前.svg"));
  assert(Object.values(svgs).every((text) => !text.includes("<b>") && !text.includes("<script")));
});

Deno.test("one function and twelve, two blocks, results that are no time: each has its page", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`f${at}`, Object.values(BEHAVIOURS)[at % 7]]),
  );
  for (
    const options of [
      { behaviours: { malloc: BEHAVIOURS.malloc }, blocks: 2 },
      { behaviours: many, blocks: 3 },
      { behaviours: { never: BEHAVIOURS.PyErr_Format }, blocks: 2 },
      { metric: { kind: "regex", pattern: "qps: ([0-9.]+)", better: "higher" }, blocks: 4 } as const,
    ]
  ) {
    const { result, records } = syntheticSweep(options);
    const page = await reportHtml(result, records, VERSION);
    const shown = page.slice(0, page.indexOf("<script"));
    assert(!/NaN|Infinity|undefined|\\n/.test(shown), JSON.stringify(options));
    assertEquals(page.match(/<article /g)?.length, result.targets.length);
  }
});

Deno.test("a sweep that ended before its first run has a page, for time and for other results", async () => {
  for (const metric of [{ kind: "wall" }, { kind: "json", path: ".qps", better: "higher" }] as const) {
    const { result } = syntheticSweep({ metric, blocks: 2 });
    const nothing = { sensitivity: null, slackNs: null, beyond: null, bendNs: null, gain: null, r2: null };
    const targets = result.targets.map((target) => ({ ...target, ...nothing, levels: [], hitsPerRun: 0 }));
    const empty = { ...result, targets, stopped: "interrupted" } as const;
    const page = await reportHtml(empty, [], VERSION);
    const shown = page.slice(0, page.indexOf("<script"));
    assert(!/NaN|Infinity|undefined/.test(shown));
    assert(shown.includes("Nothing here was seen to matter."));
    assertEquals(Object.keys(await reportSvgs(empty, [])), ["ranking.svg"]);
  }
});

Deno.test("more than a hundred thousand runs have a page that can be opened: dots are thinned", async () => {
  const { result, records } = syntheticSweep({ behaviours: { malloc: BEHAVIOURS.malloc }, blocks: 4 });
  const many = Array.from(
    { length: 7000 },
    (_, at) => records.map((record) => ({ ...record, repeat: record.repeat + 4 * at })),
  ).flat();
  const pictures = await reportSvgs(result, many);
  const dots = (name: string) => pictures[name].match(/<circle/g)?.length ?? 0;
  assert(dots("drift.svg") > 1000 && dots("drift.svg") <= 5000, `${dots("drift.svg")}`);
  assert(dots("response.malloc.svg") <= 1001 && dots("response.malloc.svg") > 100);
});
