/** The layer checker, on trees made to break one rule each. */
import { assertEquals } from "@std/assert";
import { checkTree, findCycle } from "../../../scripts/import_rules.ts";

const GOOD: Record<string, string> = {
  "src/core/mod.ts": "export const one = 1;\n",
  "ffi/mod.ts":
    'import { one } from "../src/core/mod.ts";\nexport const open = () => Deno.dlopen("x", {}) ?? one;\n',
  "src/sys/mod.ts": 'export { open } from "../../ffi/mod.ts";\n',
  "src/cli/output/text.ts": "console.log(1);\n",
  "mod.ts": 'export * from "./src/core/mod.ts";\n',
  "cli.ts": 'const { main } = await import("./src/cli/mod.ts");\nDeno.exit(main());\n',
};

/** Checks a tree of the good files and these. @returns `path:line: message` of each violation */
function check(files: Record<string, string>): string[] {
  const root = Deno.makeTempDirSync({ prefix: "sb-imports-" });
  try {
    for (const [path, text] of Object.entries({ ...GOOD, ...files })) {
      Deno.mkdirSync(`${root}/${path}`.replace(/\/[^/]+$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${root}/${path}`, text);
    }
    return checkTree(root).map(({ path, line, message }) => `${path}:${line}: ${message}`);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

Deno.test("checkTree() accepts a tree that keeps every rule", () => {
  assertEquals(check({}), []);
});

Deno.test("checkTree() refuses an import of a higher layer, a type import too", () => {
  assertEquals(check({ "src/core/a.ts": '\nimport { open } from "../../ffi/mod.ts";\n' }), [
    "src/core/a.ts:2: src/core may not import ffi",
  ]);
  assertEquals(check({ "src/core/a.ts": 'import type {\n  Open,\n} from "../sys/mod.ts";\n' }), [
    "src/core/a.ts:1: src/core may not import src/sys",
  ]);
});

Deno.test("checkTree() refuses a dynamic import of a higher layer", () => {
  assertEquals(check({ "src/sys/a.ts": 'await import("../cli/mod.ts");\n' }), [
    "src/sys/a.ts:1: src/sys may not import src/cli",
  ]);
});

Deno.test("checkTree() refuses an import past another folder's mod.ts, and allows it inside the folder", () => {
  assertEquals(
    check({ "src/sys/a.ts": 'import "../../ffi/raw.ts";\nimport "./b.ts";\nimport "./c/d.ts";\n' }),
    [
      "src/sys/a.ts:1: import ffi/mod.ts, not ffi/raw.ts",
    ],
  );
});

Deno.test("checkTree() lets tests and scripts import any file", () => {
  assertEquals(check({ "tests/unit/a_test.ts": 'import "../../ffi/raw.ts";\nconsole.log(1);\n' }), []);
});

Deno.test("checkTree() refuses native calls, exits and console outside their places", () => {
  assertEquals(
    check({
      "src/sys/a.ts": "Deno.dlopen('x', {});\nDeno.UnsafePointer.of(1);\nDeno.exit(1);\nconsole.log();\n",
    }),
    [
      "src/sys/a.ts:1: Deno.dlopen may stand only in ffi",
      "src/sys/a.ts:2: Deno.Unsafe* may stand only in ffi",
      "src/sys/a.ts:3: Deno.exit may stand only in cli.ts, scripts, tests, examples",
      "src/sys/a.ts:4: console may stand only in src/cli/output, scripts, tests, examples",
    ],
  );
});

Deno.test("checkTree() is not misled by comments, strings, templates and regular expressions", () => {
  const text = [
    '// Deno.exit(1) import x from "../cli/mod.ts"',
    "/* console.log() */",
    'export const a = "Deno.exit(1)", b = `console.log ${"x".replace(/["`]/, "Deno.dlopen")} `;',
    "export const c = { console: 1 }.console;",
    "",
  ].join("\n");
  assertEquals(check({ "src/sys/a.ts": text }), []);
  assertEquals(check({ "src/sys/a.ts": text + "export const d = `${console.log()}`;\n" }), [
    "src/sys/a.ts:5: console may stand only in src/cli/output, scripts, tests, examples",
  ]);
});

Deno.test("checkTree() refuses a file of 401 lines and accepts one of 400", () => {
  assertEquals(check({ "src/core/a.ts": "//\n".repeat(400) }), []);
  assertEquals(check({ "src/core/a.ts": "//\n".repeat(401) }), [
    "src/core/a.ts:401: 401 lines, more than 400",
  ]);
});

Deno.test("checkTree() refuses a file in no layer", () => {
  assertEquals(check({ "src/other/a.ts": "" }), [
    "src/other/a.ts:1: the file is in no layer of scripts/import_rules.ts",
  ]);
});

Deno.test("findCycle() names the nodes of a cycle and finds none in a tree", () => {
  const tree = new Map([["a", new Set(["b", "c"])], ["b", new Set(["c"])]]);
  assertEquals(findCycle(tree), undefined);
  assertEquals(findCycle(new Map([...tree, ["c", new Set(["b"])]])), ["b", "c", "b"]);
});
