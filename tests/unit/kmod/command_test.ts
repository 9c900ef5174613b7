/** The kernel module's parser of commands, compiled for user space. */
import { assertEquals } from "@std/assert";
import { executable, skipUnless } from "../../skip.ts";
import { Driver, PARTS } from "./build.ts";
import { ACCEPTED, REFUSED } from "./command_cases.ts";

const GCC = executable("/usr/bin/gcc");

const DRIVER_PARTS = [...PARTS.command, "tests/fuzz/command_text.c", "tests/fuzz/command_fault.c"];

/** What the parser makes of each command. */
async function parse(driver: Driver, commands: readonly string[]): Promise<string[]> {
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
  ...skipUnless("sb_command_parse() takes and refuses what the grammar says", GCC),
  fn: async (t) => {
    using driver = new Driver("command_driver", DRIVER_PARTS);
    await t.step("every form is taken for what it means", async () => {
      const pairs = ACCEPTED.map((one) => typeof one === "string" ? [one, one] as const : one);
      const results = await parse(driver, pairs.map(([written]) => written));
      assertEquals(results, pairs.map(([, canonical]) => canonical));
    });
    for (const [error, commands] of Object.entries(REFUSED)) {
      await t.step(`${error} is given for its causes`, async () => {
        const results = await parse(driver, commands);
        const wrong = commands.map((command, index) => [command, results[index]])
          .filter(([, result]) => result !== error);
        assertEquals(wrong, []);
      });
    }
    await t.step("a control byte is refused wherever it stands", async () => {
      const controls = ["\0", "\n", "\t", "\x1b", "\x7f"];
      const commands = [..."+/bin/x:f 5 pid=7"].flatMap((_, index, characters) =>
        controls.map((control) => characters.toSpliced(index, 0, control).join(""))
      );
      assertEquals(new Set(await parse(driver, commands)), new Set(["EINVAL"]));
    });
  },
});
