/** The TypeScript client as an npm package, and the examples of its README. */
import { assertEquals } from "@std/assert";
import { executable, skipUnless } from "../skip.ts";
import { ROOT, runProgram } from "./program.ts";

const PROGRAM = `
import { connect, ConnectionError } from "@sb/client";
try {
  await connect({ socket: "/nonexistent/sb.sock" });
} catch (error) {
  console.log(error instanceof ConnectionError, error.code);
}
`;

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  ...skipUnless(
    "npm installs the package without a network, and Node uses it",
    executable("/usr/bin/node"),
    executable("/usr/bin/npm"),
  ),
  fn: () =>
    inFolder(async (folder) => {
      const path = (await runProgram(`${ROOT}scripts/build_npm`, [folder])).trim();
      await Deno.writeTextFile(`${folder}/package.json`, '{"private":true}');
      await Deno.writeTextFile(`${folder}/program.mjs`, PROGRAM);
      const install = ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", path];
      await runProgram("/usr/bin/npm", install, { cwd: folder });
      const printed = await runProgram("/usr/bin/node", ["program.mjs"], { cwd: folder });
      assertEquals(printed, "true server.not_found\n");
      const { dependencies, engines } = JSON.parse(
        await Deno.readTextFile(`${folder}/node_modules/@sb/client/package.json`),
      );
      assertEquals([dependencies, engines], [undefined, { node: ">=20" }]);
    }),
});

Deno.test("the package is the same, byte for byte, each time", () =>
  inFolder(async (folder) => {
    const [first, second] = await Promise.all(["a", "b"].map(async (name) =>
      Deno.readFile((await runProgram(`${ROOT}scripts/build_npm`, [`${folder}/${name}`])).trim())
    ));
    assertEquals(first, second);
  }));

Deno.test("the examples of the README are valid programs", () =>
  inFolder(async (folder) => {
    const readme = await Deno.readTextFile(`${ROOT}rpc/client/README.md`);
    const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, block]) => block);
    assertEquals(blocks.length, 2);
    const files = blocks.map((_, index) => `${folder}/example_${index}.ts`);
    await Promise.all(blocks.map((block, index) =>
      Deno.writeTextFile(files[index], block.replace('"@sb/client"', JSON.stringify(`${ROOT}rpc/client.ts`)))
    ));
    await runProgram(`${ROOT}scripts/deno`, ["check", "--quiet", ...files], { cwd: folder });
  }));
