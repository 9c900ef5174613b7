/** What `sb count` answers, as text and as JSON, against golden files; and the live view. */
import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { paintFor } from "../../src/cli/output/colour.ts";
import {
  commandCountJson,
  commandCountText,
  treeCountJson,
  treeCountText,
} from "../../src/cli/output/count.ts";
import { cropText, Redrawn } from "../../src/cli/output/redrawn.ts";
import type { Sink } from "../../src/cli/output/sink.ts";
import { manyProcesses, sampleCommandCount, sampleTreeCount, troubledCount } from "./count_samples.ts";
import { assertGolden } from "./golden.ts";

const plain = { paint: paintFor("never", false), quiet: false };

/** Indented, and with this machine's kernel replaced by a fixed one. */
function readable(json: string): string {
  return JSON.stringify({ ...JSON.parse(json), kernel: "6.18.0" }, null, 2) + "\n";
}

Deno.test("commandCountText() shows one process, and its rates", () => {
  assertGolden("count.txt", commandCountText(sampleCommandCount(), plain));
});

Deno.test("commandCountText() shows a tree, its sum, and what a reader must know", () => {
  assertGolden("count_tree.txt", commandCountText(troubledCount(), plain));
});

Deno.test("commandCountText() leaves warnings and notes out when it is to be quiet", () => {
  const text = commandCountText(troubledCount(), { ...plain, quiet: true });
  assertFalse(text.includes("warning:") || text.includes("note:"));
  assertStringIncludes(text, "sort");
});

Deno.test("commandCountText() shows 40 of many processes, those that did most, and all in the total", () => {
  const text = commandCountText(manyProcesses(100), plain);
  assertStringIncludes(text, "cc99 ");
  assertFalse(text.includes("cc59 "));
  assertStringIncludes(text, "and 60 more, in the total (--json has all)");
  assertStringIncludes(text, "4,950");
});

Deno.test("treeCountText() shows an interval and the end", () => {
  assertGolden(
    "count_pid.txt",
    treeCountText(sampleTreeCount(null), plain) + treeCountText(sampleTreeCount("interrupted"), plain),
  );
});

Deno.test("commandCountJson() has the figures and the rates of each process and of the tree", () => {
  assertGolden("count.json", readable(commandCountJson(troubledCount())));
});

Deno.test("treeCountJson() is one line, with `ended` null until the end", () => {
  const line = treeCountJson(sampleTreeCount(null));
  assertEquals(line.indexOf("\n"), line.length - 1);
  assertGolden("count_pid.json", readable(line));
  assertEquals(JSON.parse(treeCountJson(sampleTreeCount("time"))).ended, "time");
});

Deno.test("cropText() keeps what fits on a screen, and colours, which take no room", () => {
  assertEquals(cropText("12345\n123\n1\n", { columns: 3, rows: 2 }), "123\n123\n");
  const bold = paintFor("always", false).bold("1234");
  assertEquals(cropText(`${bold}5\n`, { columns: 3, rows: 5 }), `${bold.replace("4", "")}\n`);
});

Deno.test("a drawing takes the place of the one before it", () => {
  const written: string[] = [];
  const sink: Sink = {
    write: (text) => written.push(text) > 0,
    writeBytes: () => true,
    terminal: true,
    [Symbol.dispose]: () => {},
  };
  const screen = new Redrawn(sink);
  screen.draw("one\ntwo\n");
  screen.draw("three\n");
  screen.finish("end\n");
  const escape = String.fromCharCode(27);
  assertEquals(written, ["one\ntwo\n", `${escape}[2A\r${escape}[Jthree\n`, `${escape}[1A\r${escape}[Jend\n`]);
});
