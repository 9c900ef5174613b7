/** `sb module build` against the trees of the kernels that guests run; needs no guest. */
import { assert, assertEquals } from "@std/assert";
import { openKernel } from "../../scripts/testing/vm/kernels.ts";
import { buildModules, nameInFile } from "../../src/module/mod.ts";
import { root, skipUnless } from "../skip.ts";

for (const name of ["6.1", "6.12"]) {
  Deno.test({
    ...skipUnless(`sb module build makes the modules of Linux ${name}, once`, root()),
    fn: async () => {
      const { kdir, release } = await openKernel(name);
      const cache = Deno.makeTempDirSync();
      const before = Deno.env.get("SB_CACHE");
      try {
        Deno.env.set("SB_CACHE", cache);
        for (const built of await buildModules({ kdir })) {
          assertEquals([built.release, built.wasThere], [release, false]);
          const bytes = new TextDecoder("latin1").decode(Deno.readFileSync(built.path));
          assert(bytes.includes(`vermagic=${release} `), `${built.path} is not for ${release}`);
          assertEquals(nameInFile(built.path), built.module);
        }
        assertEquals((await buildModules({ kdir })).map(({ wasThere }) => wasThere), [true, true]);
      } finally {
        if (before === undefined) Deno.env.delete("SB_CACHE");
        else Deno.env.set("SB_CACHE", before);
        Deno.removeSync(cache, { recursive: true });
      }
    },
  });
}
