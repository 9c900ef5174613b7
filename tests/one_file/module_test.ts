/** `sb module build` by the one file alone: the sources that it carries, against the headers of another kernel. */
import { assert, assertEquals } from "@std/assert";
import { openKernel } from "../../scripts/testing/vm/kernels.ts";
import { executable, root, skipUnless } from "../skip.ts";
import { artifact } from "./artifact.ts";

Deno.test({
  ...skipUnless(
    "the file alone builds the kernel module, in a folder with a blank",
    root(),
    executable("/usr/bin/gcc-12"),
    { holds: Deno.build.arch === "x86_64", why: "the kernels of the tests are for x86-64" },
  ),
  fn: async () => {
    const { kdir, release } = await openKernel("6.12");
    const folder = await Deno.makeTempDir({ suffix: " a folder" });
    try {
      await Deno.copyFile(await artifact(), `${folder}/sb`);
      const { code, stdout, stderr } = await new Deno.Command(`${folder}/sb`, {
        args: ["module", "build", "--json", "--kdir", kdir],
        cwd: "/",
        clearEnv: true,
        env: { XDG_CACHE_HOME: `${folder}/cache`, PATH: "/usr/bin:/bin:/usr/sbin:/sbin" },
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
      const { modules: [{ path }] } = JSON.parse(new TextDecoder().decode(stdout));
      assert(path.startsWith(`${folder}/cache/sb/modules/`), path);
      const bytes = new TextDecoder("latin1").decode(await Deno.readFile(path));
      assert(bytes.includes(`vermagic=${release} `), `${path} is not for ${release}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
