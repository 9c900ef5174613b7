/** The finder of duplicates. */
import { assertEquals } from "@std/assert";
import { findDuplicates, RUN_LINES } from "../../../scripts/find_duplicates.ts";

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `step${index}(state);\n`).join("");
}

Deno.test("findDuplicates() finds a run of equal lines in two files, whatever their comments and indent", () => {
  const copy = lines(RUN_LINES + 2).replaceAll("step", "  step").replaceAll(";\n", "; // why\n\n");
  assertEquals(findDuplicates({ "a.ts": `first();\n${lines(RUN_LINES + 2)}`, "b.ts": copy }), [
    { first: "a.ts:2", second: "b.ts:1", lines: RUN_LINES + 2 },
  ]);
});

Deno.test("findDuplicates() finds a run that stands twice in one file", () => {
  const text = `${lines(RUN_LINES)}between();\n${lines(RUN_LINES)}`;
  assertEquals(findDuplicates({ "a.ts": text }).length, 1);
});

Deno.test("findDuplicates() ignores shorter runs and a line that repeats", () => {
  assertEquals(findDuplicates({ "a.ts": lines(RUN_LINES - 1), "b.ts": lines(RUN_LINES - 1) }), []);
  assertEquals(findDuplicates({ "a.ts": "nop();\n".repeat(RUN_LINES + 3) }), []);
});
