import { assert, assertEquals } from "@std/assert";
import { CapturedOutput } from "../../../src/sweep/captured.ts";

// A library opened in a test counts as that test's leak.
new CapturedOutput()[Symbol.dispose]();

function write(output: CapturedOutput, text: string): void {
  Deno.writeTextFileSync(`/proc/self/fd/${output.fd}`, text, { append: true });
}

Deno.test("CapturedOutput has what was written since it was cleared, and gives its end", () => {
  using output = new CapturedOutput();
  write(output, "first");
  output.clear();
  assertEquals(output.readEnd(), "");
  write(output, "one two");
  assertEquals([output.readEnd(), output.readEnd(3)], ["one two", "two"]);
  assertEquals([...output.pieces()].map((piece) => new TextDecoder().decode(piece)), ["one two"]);
});

Deno.test("CapturedOutput has no name that anybody could find, or that a crash could leave", () => {
  using output = new CapturedOutput();
  assert(Deno.readLinkSync(`/proc/self/fd/${output.fd}`).endsWith(" (deleted)"));
});
