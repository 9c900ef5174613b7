import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { openDescriptors } from "../../../ffi/mod.ts";
import { OpenFiles, planSites, resolve } from "../../../src/symbols/mod.ts";
import { Folder } from "./compile.ts";

const ONE = "int one(void) { return 1; }\nint main(void) { return one(); }\n";
const TWO =
  "int zero(void) { return 0; }\nint one(void) { return 1; }\nint main(void) { return one() + zero(); }\n";

Deno.test("OpenFiles: what was found in a file is found again without reading, sites too", () => {
  using folder = new Folder();
  const path = folder.compile("kept", ONE);
  using files = new OpenFiles({ most: 4 });
  const [first] = resolve(`${path}:one`, { files }).functions;
  const [second] = resolve(`${path}:one`, { files }).functions;
  assertStrictEquals(first, second);
  assertStrictEquals(planSites(first), planSites(second));
  assertEquals(resolve(`${path}:one%return`, { files }).functions[0].at, "return");
});

Deno.test("OpenFiles: a file is known by its descriptor when another one is at its path", () => {
  using folder = new Folder();
  const path = folder.compile("swapped", ONE);
  using files = new OpenFiles({ most: 4 });
  const [before] = resolve(`${path}:one`, { files }).functions;
  Deno.copyFileSync(folder.compile("other", TWO), `${path}.new`);
  Deno.renameSync(`${path}.new`, path);
  const [after] = resolve(`${path}:one`, { files }).functions;
  assert(after.file.inode !== before.file.inode && after.fileOffset !== before.fileOffset);
  assertEquals(BigInt(Deno.statSync(before.file.openPath).ino ?? 0), before.file.inode);
  assertEquals(planSites(before).sites.length, 1);
});

Deno.test("OpenFiles: a file that was written to is read anew", () => {
  using folder = new Folder();
  const path = folder.compile("written", ONE);
  const bytes = Deno.readFileSync(folder.compile("written_over", TWO));
  using files = new OpenFiles({ most: 4 });
  const [before] = resolve(`${path}:one`, { files }).functions;
  Deno.writeFileSync(path, bytes);
  const [after] = resolve(`${path}:one`, { files }).functions;
  assertEquals(after.file.inode, before.file.inode);
  assert(after.fileOffset !== before.fileOffset);
});

Deno.test("OpenFiles keeps no more files open than it may", () => {
  using folder = new Folder();
  const before = openDescriptors().size;
  {
    using files = new OpenFiles({ most: 2 });
    for (const name of ["first", "second", "third"]) resolve(`${folder.compile(name, ONE)}:one`, { files });
    assertEquals(openDescriptors().size, before + 2);
  }
  assertEquals(openDescriptors().size, before);
});
