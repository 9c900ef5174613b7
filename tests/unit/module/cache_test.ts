/** Whose modules are taken: those of a folder that nobody but root can change. */
import { assertEquals } from "@std/assert";
import { isRootsAlone } from "../../../src/module/cache.ts";
import { root, skipUnless } from "../../skip.ts";

Deno.test({
  ...skipUnless("isRootsAlone() refuses folders of others, those they may write, and links to them", root()),
  fn: () => {
    const folder = Deno.makeTempDirSync();
    try {
      for (const name of ["own", "theirs", "open", "open/own", "sticky", "sticky/own"]) {
        Deno.mkdirSync(`${folder}/${name}`);
      }
      Deno.mkdirSync(`${folder}/theirs/own`);
      Deno.chownSync(`${folder}/theirs`, 12001, 12001);
      Deno.chmodSync(`${folder}/open`, 0o777);
      Deno.chmodSync(`${folder}/sticky`, 0o1777);
      Deno.symlinkSync(`${folder}/theirs`, `${folder}/link`);
      Deno.symlinkSync(`${folder}/nothing`, `${folder}/loose`);
      const seen = [
        "own",
        "own/new/er",
        "theirs",
        "theirs/own",
        "theirs/new",
        "open/own",
        "open/new",
        "sticky/own",
        "link",
        "loose",
      ]
        .map((name) => [name, isRootsAlone(`${folder}/${name}`)]);
      assertEquals(seen, [
        ["own", true],
        ["own/new/er", true],
        ["theirs", false],
        ["theirs/own", false],
        ["theirs/new", false],
        ["open/own", false],
        ["open/new", false],
        ["sticky/own", true],
        ["link", false],
        ["loose", false],
      ]);
      assertEquals(isRootsAlone("relative"), false);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
