/** Text gathered as bytes: numbers, names, what is no UTF-8, and what JSON must escape. */
import { assert, assertEquals } from "@std/assert";
import { ByteText } from "../../../src/core/mod.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("ByteText aligns numbers of every size to the right", () => {
  for (const value of [0, 7, 10, 459, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    for (const width of [0, 10, 20]) {
      const text = new ByteText();
      text.appendNumber(value, width);
      text.appendHex(value, width);
      assertEquals(text.toString(), String(value).padStart(width) + value.toString(16).padStart(width));
    }
  }
});

Deno.test("ByteText takes a name up to its NUL, or to the table's end", () => {
  const table = bytesOf("\0first\0größe\0last");
  const text = new ByteText();
  for (const start of [1, 7, 15, 100]) {
    text.appendCString(table, start);
    text.append("|");
  }
  assertEquals(text.toString(), "first|größe|last|" + "|");
});

Deno.test("ByteText takes a name that is longer than its buffer whole", () => {
  const long = "x".repeat(1_500_000);
  const text = new ByteText();
  text.appendCString(bytesOf(`${long}\0y`), 0);
  assertEquals(text.length, long.length);
  text.append("é");
  assert(text.toString() === `${long}é`);
});

Deno.test("ByteText replaces what is not UTF-8", () => {
  const text = new ByteText();
  text.appendCString(new Uint8Array([0x61, 0xff, 0x62, 0]), 0);
  text.appendBytes(new Uint8Array([0x61, 0xc3]), { start: 0, end: 2 });
  assertEquals(text.toString(), "a\ufffdba\ufffd");
});

Deno.test("ByteText tells what JSON must escape from what it need not", () => {
  for (
    const [part, plain] of [["a{}é<>", true], ['a"', false], ["\\", false], ["\n", false], [
      "",
      true,
    ]] as const
  ) {
    const text = new ByteText();
    text.append('"');
    const start = text.length;
    text.append(part);
    assertEquals(text.isPlainJson(start), plain, part);
  }
});

Deno.test("ByteText takes back what stands behind a length, and no more than there is", () => {
  const text = new ByteText();
  text.append("name  ");
  text.truncate(4);
  text.truncate(10);
  assertEquals(text.toString(), "name");
});
