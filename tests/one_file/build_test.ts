/** The one file as a build makes it, and the command line's tests on it. */
import { assert, assertEquals } from "@std/assert";
import { artifact, build, ROOT } from "./artifact.ts";

/** Bytes that the file may have beside Deno. */
const ROOM_BYTES = 3_000_000;

Deno.test("a second build makes the same bytes, not larger than Deno and 3 MB", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const first = await Deno.readFile(await artifact());
    await build(`${folder}/a folder/sb`);
    const second = await Deno.readFile(`${folder}/a folder/sb`);
    assert(first.length === second.length && first.every((byte, index) => byte === second[index]));
    assert(first.length <= (await Deno.stat(Deno.execPath())).size + ROOM_BYTES, `${first.length} bytes`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the tests of the command line hold of the file, too", async () => {
  const { code, stdout, stderr } = await new Deno.Command(`${ROOT}scripts/deno`, {
    args: ["test", "-A", "--no-check", "--no-prompt", `${ROOT}tests/cli/process_test.ts`],
    env: { SB_FILE: await artifact(), NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assertEquals(code, 0, [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join(""));
});

Deno.test("help and completions of the file are the golden texts", async () => {
  const file = await artifact();
  const golden = `${ROOT}tests/cli/golden`;
  const asked = new Map([["help.txt", ["help"]]]);
  for (const { name } of Deno.readDirSync(golden)) {
    const [, command] = /^help_(\w+)\.txt$/.exec(name) ?? [];
    const [, shell] = /^completions\.(\w+)$/.exec(name) ?? [];
    if (command !== undefined) asked.set(name, ["help", command]);
    if (shell !== undefined) asked.set(name, ["completions", shell]);
  }
  for (const [name, args] of asked) {
    const { stdout } = await new Deno.Command(file, { args, env: { NO_COLOR: "1" }, stdin: "null" }).output();
    assertEquals(new TextDecoder().decode(stdout), await Deno.readTextFile(`${golden}/${name}`), name);
  }
});
