/** The figures in docs/methodology.md are those that commands printed: docs/examples keeps what they printed. */
import { assertEquals, assertGreater } from "@std/assert";

const DOCS = new URL("../../../docs/", import.meta.url);
const PRINTED = ["archive.txt", "orders.txt", "pack.txt", "sweep_truth.txt"];

Deno.test("each line of output in docs/methodology.md was printed by a command whose output is kept", () => {
  const printed = new Set(
    PRINTED.flatMap((name) => Deno.readTextFileSync(new URL(`examples/${name}`, DOCS)).split("\n")).map((
      line,
    ) => line.trimEnd()),
  );
  const text = Deno.readTextFileSync(new URL("methodology.md", DOCS));
  const blocks = [...text.matchAll(/^```text\n(.*?)^```$/gms)].map(([, block]) => block);
  assertEquals(blocks.length, PRINTED.length);
  const lines = blocks.join("").split("\n").filter((line) => line !== "");
  assertGreater(lines.length, 20);
  assertEquals(lines.filter((line) => !printed.has(line)), []);
});
