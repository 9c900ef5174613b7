/** docs/tutorial.md: its commands in their order, in one shell, as a reader types them. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { executable, root, skipUnless } from "../skip.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test({
  ...skipUnless("every command of the tutorial does what it says", root(), executable("/usr/bin/gcc")),
  fn: async () => {
    const document = await Deno.readTextFile(`${ROOT}docs/tutorial.md`);
    const blocks = [...document.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
    const folder = await Deno.makeTempDir();
    try {
      const { code, stdout, stderr } = await new Deno.Command("bash", {
        args: ["-e", "-c", blocks.join("\n")],
        cwd: folder,
        env: { PATH: `${ROOT}scripts:${Deno.env.get("PATH")}`, NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const [said, reported] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      assertEquals(code, 0, reported);
      for (const text of ["backend ebpf: usable", "function  push     draw", '"name":"load"']) {
        assertStringIncludes(said, text);
      }
      for (
        const text of ["/frames:draw   250      250", "SENSITIVITY", "dry run", "exp:20us", "/frames:load"]
      ) {
        assertStringIncludes(reported, text);
      }
      await Deno.stat(`${folder}/sweep.report.html`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
