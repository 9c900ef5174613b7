import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { compileGlob } from "../../../src/symbols/glob.ts";
import { compileRegex } from "../../../src/symbols/regex.ts";

Deno.test("compileRegex() agrees with JavaScript's own", () => {
  const patterns = [
    "^a+b$",
    "x{2,3}y",
    "^x{2,3}$",
    "[^a-c]z",
    "^$",
    "a$|^b",
    "(?:ab)?c",
    "\\d\\W",
    "a.c",
    "(a|b)*c",
  ];
  const texts = ["", "a", "ab", "aaab", "xxy", "xxxx", "dz", "b", "ca", "abc", "5-", "a\nc", "babc", "cab"];
  for (const pattern of patterns) {
    for (const text of texts) {
      assertEquals(
        compileRegex(pattern).test(text),
        new RegExp(pattern).test(text),
        `/${pattern}/ on "${text}"`,
      );
    }
  }
});

Deno.test("compileRegex() answers patterns that make others backtrack for ever", () => {
  for (const pattern of ["^(a*)*b$", "^(a|aa)+$", "^(a|a)*$", "(a{0,20}){0,20}b"]) {
    assertEquals(compileRegex(pattern).test("a".repeat(20_000) + "c"), false);
  }
});

for (
  const [pattern, seen] of [
    ["a{1001}", "more than 1000"],
    ["((a{100}){100})", "too large"],
    ["(a", "not closed"],
    ["a)", "closes nothing"],
    ["[a", "not closed"],
    ["*a", "repeats nothing"],
    ["(?=a)", "not offered"],
    ["\\1", "back references"],
    ["a{2,1}", "wrong way round"],
    ["a**", "follows a repetition"],
  ]
) {
  Deno.test(`compileRegex() refuses /${pattern}/`, () => {
    assertThrows(() => compileRegex(pattern), SbError, seen);
  });
}

Deno.test("compileGlob() matches whole names", () => {
  assertEquals(compileGlob("PyObject_*").test("PyObject_GetAttr"), true);
  assertEquals(compileGlob("*a*b*c").test("xxaxbxc"), true);
  assertEquals(compileGlob("a*a").test("a"), false);
  assertEquals(compileGlob("[!a]?").test("bx"), true);
  assertEquals(compileGlob("[!a]?").test("ax"), false);
});
