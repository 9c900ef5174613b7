/** The kernel module's parser of commands, compiled for user space. */
import { assertEquals } from "@std/assert";
import { executable, skipUnless } from "../../skip.ts";
import { Driver, PARTS } from "./build.ts";
import { ACCEPTED, REFUSED } from "./command_cases.ts";

const GCC = executable("/usr/bin/gcc");

/** What the parser makes of each command. */
async function parse(commands: readonly string[]): Promise<string[]> {
  using driver = new Driver("command_driver", [
    ...PARTS.command,
    "tests/fuzz/command_text.c",
    "tests/fuzz/command_fault.c",
  ]);
  const texts = commands.map((command) => new TextEncoder().encode(command));
  const input = new Uint8Array(texts.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = 0;
  for (const text of texts) {
    new DataView(input.buffer).setUint32(at, text.length, true);
    input.set(text, at + 4);
    at += 4 + text.length;
  }
  return new TextDecoder().decode(await driver.run(input)).split("\n").slice(0, -1);
}

Deno.test({
  ...skipUnless("sb_command_parse() takes every form of the grammar for what it means", GCC),
  fn: async () => {
    const pairs = ACCEPTED.map((one) => typeof one === "string" ? [one, one] as const : one);
    assertEquals(await parse(pairs.map(([written]) => written)), pairs.map(([, canonical]) => canonical));
  },
});

for (const [error, commands] of Object.entries(REFUSED)) {
  Deno.test({
    ...skipUnless(`sb_command_parse() gives ${error} for what the grammar says`, GCC),
    fn: async () => {
      const results = await parse(commands);
      const wrong = commands.map((command, index) => [command, results[index]])
        .filter(([, result]) => result !== error);
      assertEquals(wrong, []);
    },
  });
}

Deno.test({
  ...skipUnless("sb_command_parse() refuses every command with a control byte anywhere", GCC),
  fn: async () => {
    const commands = [..."+/bin/x:f 5 pid=7"].flatMap((_, index, characters) =>
      ["\0", "\n", "\t", "\x1b", "\x7f"].map((control) => characters.toSpliced(index, 0, control).join(""))
    );
    assertEquals(new Set(await parse(commands)), new Set(["EINVAL"]));
  },
});
