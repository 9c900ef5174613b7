import { assert, assertEquals, assertFalse } from "@std/assert";
import { LINE_BYTES, LineSplitter } from "../../../../rpc/wire/mod.ts";

const UTF8 = new TextEncoder();

function bytes(text: string): Uint8Array {
  return UTF8.encode(text);
}

function texts(lines: readonly Uint8Array[]): string[] {
  return lines.map((line) => new TextDecoder().decode(line));
}

Deno.test("a line ends at LF or CRLF; a CR elsewhere belongs to it", () => {
  const splitter = new LineSplitter();
  assertEquals(texts(splitter.push(bytes("a\nb\r\n\n\r\nc\rd\r\r\n"))), ["a", "b", "", "", "c\rd\r"]);
  assertEquals(splitter.pendingBytes, 0);
});

Deno.test("a stream that is cut at any byte gives the same lines", () => {
  const stream = bytes('{"a":1}\r\n\n{"é":"😀"}\nlast without end');
  const whole = texts(new LineSplitter().push(stream));
  for (let cut = 0; cut <= stream.length; cut++) {
    const splitter = new LineSplitter();
    const lines = [...splitter.push(stream.subarray(0, cut)), ...splitter.push(stream.subarray(cut))];
    assertEquals(texts(lines), whole);
    assertEquals(splitter.pendingBytes, "last without end".length);
  }
  const splitter = new LineSplitter();
  assertEquals(texts([...stream].flatMap((byte) => splitter.push(Uint8Array.of(byte)))), whole);
});

Deno.test("what is kept for later does not change with the chunk's memory", () => {
  const splitter = new LineSplitter();
  const chunk = bytes("abc");
  splitter.push(chunk);
  chunk.fill(0);
  assertEquals(texts(splitter.push(bytes("d\n"))), ["abcd"]);
});

Deno.test("a line of the longest length passes, one byte more does not, in one piece and in many", () => {
  for (const end of ["\n", "\r\n"]) {
    for (const pieceBytes of [LINE_BYTES * 2, 65_536, 1000]) {
      for (const [length, passes] of [[LINE_BYTES, true], [LINE_BYTES + 1, false]] as const) {
        const stream = bytes("x".repeat(length) + end);
        const splitter = new LineSplitter();
        let lines = 0;
        for (let at = 0; at < stream.length; at += pieceBytes) {
          lines += splitter.push(stream.subarray(at, at + pieceBytes)).length;
        }
        assertEquals([lines, splitter.isOverlong], [passes ? 1 : 0, !passes]);
      }
    }
  }
});

Deno.test("an overlong line is known before it ends; lines before it are given, nothing after it is", () => {
  const splitter = new LineSplitter(8);
  assertEquals(texts(splitter.push(bytes("first\n0123456789"))), ["first"]);
  assert(splitter.isOverlong);
  assertEquals(splitter.push(bytes("\nnext\n")), []);
  assertEquals(splitter.pendingBytes, 0);

  const whole = new LineSplitter(8);
  assertFalse(whole.isOverlong);
  assertEquals(texts(whole.push(bytes("first\n0123456789\nnext\n"))), ["first"]);
  assert(whole.isOverlong);
});
