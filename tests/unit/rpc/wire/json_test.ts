import { assert, assertEquals, assertThrows } from "@std/assert";
import { JsonError, NESTING, parseJson } from "../../../../rpc/wire/mod.ts";

const SAME_AS_BUILT_IN = [
  "null",
  " true ",
  "\t\r\n[false]\n",
  "0",
  "-0",
  "1",
  "-17",
  "999999999999999",
  "1000000000000000",
  "9007199254740991",
  "-9007199254740991",
  "0.1",
  "-1.5e3",
  "1E+2",
  "1e-400",
  "1e30",
  "123456789012345678.0",
  '""',
  '"a b"',
  '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
  '"\\u0041\\uD83D\\uDE00\\ud800x"',
  '"é – 😀 \u2028 \x7f"',
  "[]",
  "[ ]",
  "[1, [2, [3]], {}]",
  "{}",
  '{ "a" : 1 , "b" : [ { "c" : null } ] }',
  '{"":0,"constructor":1,"toString":2,"hasOwnProperty":3,"2":4,"1":5}',
  '{"__proto__":{"a":1},"b":2}',
];

const REFUSED: Readonly<Record<string, string>> = {
  "": "it ends where a value must stand",
  "  ": "it ends where a value must stand",
  "tru": "no value stands there",
  "True": "no value stands there",
  "undefined": "no value stands there",
  "NaN": "no value stands there",
  "'a'": "no value stands there",
  "\ufeff1": "no value stands there",
  "\u00a01": "no value stands there",
  "// c\n1": "no value stands there",
  "truex": "something follows the value",
  "1 2": "something follows the value",
  "{}]": "something follows the value",
  "01": "a number begins with 0",
  "-01": "a number begins with 0",
  "-": "a digit is missing",
  "+1": "no value stands there",
  ".5": "no value stands there",
  "1.": "a digit is missing",
  "1e": "a digit is missing",
  "1e+": "a digit is missing",
  "0x10": "something follows the value",
  "1e400": "a number is beyond all range",
  "[": "it ends where a value must stand",
  "[1": '"," or "]" is missing',
  "[1,]": "no value stands there",
  "[,1]": "no value stands there",
  "[1}": '"," or "]" is missing',
  "{": "a name in quotes is missing",
  "{a:1}": "a name in quotes is missing",
  '{"a"': '":" is missing',
  '{"a" 1}': '":" is missing',
  '{"a":}': "no value stands there",
  '{"a":1': '"," or "}" is missing',
  '{"a":1,}': "a name in quotes is missing",
  '{"a":1]': '"," or "}" is missing',
  '"': "a string does not end",
  '"abc': "a string does not end",
  '"a\nb"': "a control character stands in a string",
  '"a\u0000b"': "a control character stands in a string",
  '"\\x41"': "no such escape exists",
  '"\\': "no such escape exists",
  '"\\u12g4"': "four hexadecimal digits must follow \\u",
  '"\\u12': "four hexadecimal digits must follow \\u",
  '{"a":1,"a":2}': 'the name "a" stands twice',
  '{"a":1,"\\u0061":2}': 'the name "a" stands twice',
  '{"__proto__":1,"__proto__":2}': 'the name "__proto__" stands twice',
};

Deno.test("parseJson() gives what the built-in parser gives", () => {
  for (const text of SAME_AS_BUILT_IN) assertEquals(parseJson(text), JSON.parse(text), text);
});

Deno.test("parseJson() refuses what is no JSON, and names that stand twice", () => {
  for (const [text, seen] of Object.entries(REFUSED)) {
    assertEquals(assertThrows(() => parseJson(text), JsonError, undefined, text).message, seen, text);
  }
});

Deno.test("parseJson() says where it stopped", () => {
  assertEquals(assertThrows(() => parseJson('{"a": 1, b: 2}'), JsonError).at, 9);
});

Deno.test("parseJson() keeps integers beyond 2^53 as they are, and rounds none", () => {
  assertEquals(parseJson("9007199254740992"), 9007199254740992n);
  assertEquals(parseJson("[-12345678901234567890]"), [-12345678901234567890n]);
  assertEquals(parseJson("9007199254740993"), 9007199254740993n);
});

Deno.test("parseJson() refuses a million digits at once", () => {
  assertThrows(() => parseJson("1".repeat(1_000_000)), JsonError, "beyond all range");
});

Deno.test("a member named __proto__ is a member, and changes no prototype", () => {
  const value = parseJson('{"__proto__":{"isRoot":true}}') as Record<string, unknown>;
  assertEquals(Object.keys(value), ["__proto__"]);
  assertEquals(Object.getPrototypeOf(value), Object.prototype);
  assertEquals(value.isRoot, undefined);
});

Deno.test("parseJson() takes 64 levels and refuses the 65th, whatever they are made of", () => {
  const list = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const object = (depth: number) => '{"a":'.repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
  for (const make of [list, object]) {
    assertEquals(parseJson(make(NESTING)), JSON.parse(make(NESTING)));
    assert(assertThrows(() => parseJson(make(NESTING + 1)), JsonError).isTooDeep);
  }
  assert(assertThrows(() => parseJson("[".repeat(500_000)), JsonError).isTooDeep);
  // Levels that were left do not count.
  assertEquals((parseJson(`[${"[[]],".repeat(1000)}[]]`) as unknown[]).length, 1001);
});
