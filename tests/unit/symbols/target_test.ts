import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { parseTarget } from "../../../src/symbols/mod.ts";

// libc stays open until the process ends: opened before any test, it is no leak of one.
parseTarget("libc.so.6:malloc");

const REFUSED: [text: string, seen: string][] = [
  ["", "it is empty"],
  ["libc.so.6", 'it has no ":"'],
  [":malloc", "FILE is empty"],
  ["libc.so.6:", "PLACE is empty"],
  ["libc.so.6:malloc%exit", '"%exit" is not known'],
  ["libc.so.6:usdt:libc:setjmp", "reserved for later"],
  ["libc.so.6:malloc if size > 3", "reserved for later"],
  ["libc.so.6:0xzz", "file offset is malformed"],
  ["libc.so.6:123", "a bare number names no place"],
  ["libc.so.6:malloc+12", "is malformed"],
  ["libc.so.6:malloc@", "version after"],
  ["libc.so.6:/a(/", "a group is not closed"],
  ["libc.so.6://", "the regex is empty or not closed"],
  ["libc.so.6:a.c:0", "lines are counted from 1"],
  ["libc.so.6: malloc", "begins or ends with a blank"],
];

for (const [text, seen] of REFUSED) {
  Deno.test(`parseTarget() refuses "${text}"`, () => {
    const error = assertThrows(() => parseTarget(text), SbError, seen);
    assertEquals(error.code, "usage.target");
  });
}

Deno.test("parseTarget() reads every kind of place", () => {
  const place = (text: string) => parseTarget(`libc.so.6:${text}`).place;
  assertEquals(place("malloc"), { kind: "symbol", name: "malloc" });
  assertEquals(place("malloc@GLIBC_2.2.5"), { kind: "symbol", name: "malloc", version: "GLIBC_2.2.5" });
  assertEquals(place("malloc+0x10"), { kind: "symbol", name: "malloc", offsetBytes: 16 });
  assertEquals(place("0x1f"), { kind: "offset", fileOffset: 31 });
  assertEquals(place("a.c:12"), { kind: "line", source: "a.c", line: 12 });
  assertEquals(place("mem*"), { kind: "glob", pattern: "mem*" });
  assertEquals(place("/^mem/"), { kind: "regex", source: "^mem" });
  assertEquals(place("Foo::bar(int)"), { kind: "symbol", name: "Foo::bar(int)" });
});

Deno.test("parseTarget() takes the longest prefix that names a file", () => {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${directory}/a`, "");
    assertEquals(parseTarget(`${directory}/a:b:c`).file, `${directory}/a`);
    Deno.writeTextFileSync(`${directory}/a:b`, "");
    assertEquals(parseTarget(`${directory}/a:b:c%return`), {
      text: `${directory}/a:b:c%return`,
      file: `${directory}/a:b`,
      place: { kind: "symbol", name: "c" },
      at: "return",
    });
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
