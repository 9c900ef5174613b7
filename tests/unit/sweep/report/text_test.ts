/** What a sweep found, for a terminal: the table, the sentences, the curves. */
import { makePaint } from "../../../../src/core/mod.ts";
import { assert, assertEquals } from "@std/assert";
import { columnsOf, cutTo } from "../../../../src/sweep/report/columns.ts";
import { plotText, tableText } from "../../../../src/sweep/report/mod.ts";
import { plainText, shellLine } from "../../../../src/sweep/report/plain_text.ts";
import { targetSentence } from "../../../../src/sweep/report/words.ts";
import { BEHAVIOURS, syntheticSweep } from "./synthetic.ts";

const PLAIN = { paint: makePaint(false), width: 80 };

/** A name of one letter, many times. */
function twelve(): Record<string, typeof BEHAVIOURS[string]> {
  return Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [
      `very_long_namespace::of_some_function_that_does_work_${at}`,
      Object.values(BEHAVIOURS)[at % 7],
    ]),
  );
}

function table(options: Parameters<typeof syntheticSweep>[0] = {}, width = 80): string {
  return tableText(syntheticSweep(options).result, { ...PLAIN, width });
}

Deno.test("the table has a line a function in the order of the ranking, its interval, class, slack and gain", () => {
  const { result } = syntheticSweep();
  const lines = tableText(result, { ...PLAIN, width: 110 }).split("\n");
  const first = lines.findIndex((line) => line.startsWith("FUNCTION"));
  const names = lines.slice(first + 1, first + 8).map((line) => line.split(" ")[0]);
  assertEquals(names, result.ranking);
  const row = (name: string) => lines.slice(first).find((line) => line.startsWith(name)) ?? "";
  assert(
    /1\.0\d \[[\d.]+, [\d.]+\] +linear .*-41\.\d ms +20,361/.test(row("PyObject_GetAttr")),
    row("PyObject_GetAttr"),
  );
  assert(/\[-?[\d.]+, [\d.]+\] +threshold +4\d(\.\d)? ms/.test(row("malloc")), row("malloc"));
  assert(/hidden/.test(row("writeback")), row("writeback"));
  assert(/ - +- .* 0/.test(row("PyErr_Format")), row("PyErr_Format"));
});

Deno.test("a sentence for each function says what its class means", () => {
  const text = table().replace(/\n {2}/g, " ");
  assert(/^PyObject_GetAttr: every µs added to it is [01]\.\d\d µs of the result\.$/m.test(text), text);
  assert(
    /^malloc: hidden up to 4\d(\.\d)? ms a run \((2|1\.9\d|2\.\d+) µs a call\), then all of it\.$/m.test(
      text,
    ),
    text,
  );
  assert(/^writeback: hidden: what is added to it does not reach the result\.$/m.test(text), text);
  assert(
    /^pthread_mutex_lock: every µs added to it is .* at first, later 2\.\d\d: others wait for it\.$/m.test(
      text,
    ),
  );
  assert(/^gc_collect: every µs added to it is .* at first, later only 0\.\d\d\.$/m.test(text), text);
  assert(/^noisy: not told apart from noise: between -/m.test(text), text);
  assert(/^PyErr_Format: never called\.$/m.test(text), text);
});

Deno.test("warnings stand below, with the function that they are about, which is marked above", () => {
  const text = table({ failures: [3] });
  assert(/^gc_collect !/m.test(text), text);
  assert(/^warning: gc_collect: its hits change/m.test(text), text);
  assert(/^warning: .*: 1 of 50 cells failed/m.test(text), text);
  assert(text.includes("1 failed"), text);
});

Deno.test("tables and curves keep to the width that there is, with long names and wide letters", () => {
  const wide = { "名前の長い関数名前の長い関数": BEHAVIOURS.malloc, "🏃‍♀️run": BEHAVIOURS.writeback };
  for (const behaviours of [BEHAVIOURS, twelve(), wide]) {
    const { result, records } = syntheticSweep({ behaviours, blocks: 3 });
    for (const width of [60, 80, 100, 132, 200]) {
      for (
        const text of [
          tableText(result, { ...PLAIN, width }),
          plotText(result, records, { ...PLAIN, width }),
          plotText(result, records, { ...PLAIN, width, unicode: false }),
        ]
      ) {
        const longest = Math.max(
          ...text.split("\n").filter((line) => !/very_long\S+:$/.test(line)).map(columnsOf),
        );
        assert(longest <= width, `${longest} columns of ${width}:\n${text}`);
      }
    }
  }
});

Deno.test("there is colour only where it is asked for, and it changes nothing else", () => {
  const { result, records } = syntheticSweep({ blocks: 3 });
  // deno-lint-ignore no-control-regex -- these are what is looked for
  const escapes = /\x1b\[\d+m/g;
  for (
    const write of [
      (colour: boolean) => tableText(result, { paint: makePaint(colour), width: 100 }),
      (colour: boolean) => plotText(result, records, { paint: makePaint(colour), width: 100 }),
    ]
  ) {
    assert(!write(false).includes("\x1b"));
    assert(write(true).match(escapes));
    assertEquals(write(true).replace(escapes, ""), write(false));
  }
});

Deno.test("names and commands steer no terminal", () => {
  const { result, records } = syntheticSweep({
    behaviours: { "evil\x1b[2J\u202e": BEHAVIOURS.malloc },
    command: ["sh", "-c", "echo 'it'\necho \x1b[31m"],
    blocks: 2,
  });
  for (const text of [tableText(result, PLAIN), plotText(result, records, PLAIN)]) {
    // deno-lint-ignore no-control-regex -- these are what is looked for
    assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(text), JSON.stringify(text));
    assert(text.includes("evil\\x1b[2J\\u202e"), text);
  }
});

Deno.test("ASCII curves are ASCII but for the units' µ, and a function that never ran has none", () => {
  const { result, records } = syntheticSweep({ blocks: 4 });
  const text = plotText(result, records, { ...PLAIN, unicode: false });
  assert(!/[^ -~\nµ…]/.test(text), text);
  assert(text.includes("O") && text.includes("*") && text.includes("+---"), text);
  assert(!text.includes("PyErr_Format"), text);
});

Deno.test("of many functions the first six of the ranking are plotted, and the others are counted", () => {
  const { result, records } = syntheticSweep({ behaviours: twelve(), blocks: 2 });
  const text = plotText(result, records, { ...PLAIN, width: 132 });
  assertEquals(text.match(/time added to a run/g)?.length, 6);
  assert(/^and \d more in the report\n$/m.test(text), text);
});

Deno.test("without a cell there is a table, no curve, and no exception", () => {
  const { result } = syntheticSweep({ blocks: 2 });
  const empty = {
    ...result,
    targets: result.targets.map((target) => ({
      ...target,
      sensitivity: null,
      slackNs: null,
      beyond: null,
      bendNs: null,
      gain: null,
      levels: [],
      hitsPerRun: 0,
      warnings: [],
    })),
    stopped: "interrupted",
    cells: { planned: 70, done: 0, failed: 0 },
  } as const;
  const text = tableText({ ...empty, targets: [...empty.targets], cells: { ...empty.cells } }, PLAIN);
  assert(text.includes("0 of 70 cells: interrupted"), text);
  assert(text.includes("malloc: too few cells to tell."), text);
  assertEquals(plotText({ ...empty, targets: [...empty.targets], cells: { ...empty.cells } }, [], PLAIN), "");
});

Deno.test("results that are no time are told in their own unit", () => {
  const { result } = syntheticSweep({ metric: { kind: "json", path: ".qps", better: "higher" } });
  const linear = result.targets.find(({ name }) => name === "PyObject_GetAttr");
  assert(linear);
  const sentence = targetSentence(linear, result.experiment.metric);
  assert(/^every ms added to a run changes the result by -\d/.test(sentence), sentence);
  assert(tableText(result, PLAIN).includes(".qps, 350 cells"), tableText(result, PLAIN));
});

Deno.test("a command is written as a shell reads it, on one line", async () => {
  const command = ["printf", "%s|", "a b", "it's", "new\nline", "\x1b[1m", "back\\slash\t'", "", "-n", "é"];
  const line = shellLine(command);
  assert(/^[ -~é]+$/.test(line), line);
  const { stdout } = await new Deno.Command("bash", { args: ["-c", line] }).output();
  assertEquals(new TextDecoder().decode(stdout), command.slice(2).map((word) => `${word}|`).join(""));
});

Deno.test("text is cut in its middle, to columns, not letters", () => {
  assertEquals(cutTo("PyObject_GetAttr", 16), "PyObject_GetAttr");
  assertEquals(cutTo("PyObject_GetAttr", 9), "PyOb…Attr");
  assertEquals(columnsOf(cutTo("名前の長い関数名", 8)) <= 8, true);
  assertEquals(columnsOf("é"), 1);
  assertEquals(columnsOf("👩‍👩‍👧‍👦"), 2);
  assertEquals(plainText("a\u2066b\u0000"), "a\\u2066b\\x00");
});
