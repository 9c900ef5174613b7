/** The examples of docs/library.md, each a script of its own, and examples/deno_probe.ts. */
import { assertEquals, assertMatch } from "@std/assert";
import { executable, root, skipUnless } from "../skip.ts";

const REPOSITORY = new URL("../../", import.meta.url);
const DOCUMENT = Deno.readTextFileSync(new URL("docs/library.md", REPOSITORY));
const EXAMPLES = [...DOCUMENT.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);

/** Runs a script as the page says, in a folder without a configuration of Deno. */
async function runScript(path: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "--quiet", path],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assertEquals([code, text.decode(stderr)], [0, ""]);
  return text.decode(stdout);
}

async function runExample(number: number): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "sb_example_" });
  try {
    const code = EXAMPLES[number].replace('"./mod.ts"', JSON.stringify(new URL("mod.ts", REPOSITORY).href));
    await Deno.writeTextFile(`${folder}/example.ts`, code);
    return await runScript(`${folder}/example.ts`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What each prints, by its heading. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  "One probe": /^[1-9]\d* calls, [1-9]\d* of them longer by ([5-9]\d{3}|\d{5,}) ns on average\n$/,
  "A session":
    /^\d+ of [1-9]\d+ calls of malloc were delayed\n[1-9]\d+ ns were added in all\n(p\d+ PyByteArray_\w+ \d+\n)+$/,
  "A command": /^exit 0: [1-9]\d{3,} calls, [1-9]\d+ of \d+ ns added\n$/,
  "Which function matters":
    /^((malloc|dict) \d+ ns: \d+ ns, [1-9]\d* hits\n){18}malloc is \S+: \S+ \(.*\)\ndict is .*\nfirst comes (malloc|dict)\n$/,
  "Plans, symbols, the machine":
    /^\/.*libc\.so\.6:mem\w+ .*\n(.*\n)*PyObject_GetAttr \d+\n(.*\n)*eBPF can be used\n$/,
  "Errors": /^Cannot .*mallok.*\n.*malloc.*\n$/,
};

Deno.test("docs/library.md has these examples, in this order", () => {
  const headings = [...DOCUMENT.matchAll(/^## (.*)$|^```ts$/gm)].map(([, heading]) => heading);
  const withExample = headings.filter((heading, index) => heading && headings[index + 1] === undefined);
  assertEquals(withExample.filter((heading) => heading !== "What it needs"), Object.keys(PRINTS));
  assertEquals(EXAMPLES.length, Object.keys(PRINTS).length);
});

for (const [number, [heading, printed]] of Object.entries(PRINTS).entries()) {
  Deno.test({
    ...skipUnless(
      `docs/library.md: the example of "${heading}" runs`,
      root(),
      executable("/usr/bin/python3"),
    ),
    fn: async () => assertMatch(await runExample(number), printed),
  });
}

Deno.test({
  ...skipUnless(
    "examples/deno_probe.ts shows that a read becomes 5 µs longer",
    root(),
    executable("/usr/bin/python3"),
  ),
  fn: async () => {
    const printed = await runScript(new URL("examples/deno_probe.ts", REPOSITORY).pathname);
    assertMatch(
      printed,
      /^before +\d+\.\d\d µs a read\nslowed +\d+\.\d\d µs a read\n2\d{4} calls were delayed, by ([5-9]|\d{2,})\.\d\d µs each\nafter +\d+\.\d\d µs a read\n$/,
    );
  },
});
