/** The lines of keys in TOML texts. */
import { assertEquals } from "@std/assert";
import { findKeyLines } from "../../../src/config/lines.ts";

Deno.test("findKeyLines() knows tables, arrays of tables, dotted keys and inline tables", () => {
  const lines = findKeyLines([
    "a = 1 # x = 2",
    "b.c = '''",
    "not = 1",
    "''' ",
    "[t]",
    '"q.r" = [1,',
    " { s = 2, u = [",
    "   3] } ]",
    "[[p]]",
    "k = 1",
    "[p.inner]",
    "v = 1",
    "[[p]]",
    "k = 2",
  ].join("\n"));
  const expected: [string, number][] = [
    ["a", 1],
    ["b.c", 2],
    ["t", 5],
    ["t.q.r", 6],
    ["t.q.r[1].s", 7],
    ["t.q.r[1].u", 7],
    ["p", 9],
    ["p[0].k", 10],
    ["p[0].inner.v", 12],
    ["p[1]", 13],
    ["p[1].k", 14],
  ];
  assertEquals(expected.map(([path]) => [path, lines.get(path)]), expected);
  assertEquals(lines.get("not"), undefined);
});

Deno.test("findKeyLines() ends on texts that are not TOML", () => {
  for (
    const text of [
      "[[",
      "[[[[\n]]]]",
      "= = =",
      '"',
      "a = [",
      "a = {b",
      "a = [}",
      "\0\0",
      "]",
      "a={,,}",
      "'''",
    ]
  ) {
    findKeyLines(text);
  }
  let seed = 7;
  const alphabet = "[]{}=,.'\"#\n ab\\";
  for (let round = 0; round < 3000; round++) {
    let text = "";
    for (let index = 0; index < 24; index++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      text += alphabet[seed % alphabet.length];
    }
    findKeyLines(text);
  }
});
