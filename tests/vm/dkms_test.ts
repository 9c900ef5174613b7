/** `kmod/dkms.conf`: DKMS builds the module for another kernel than the running one. */
import { assert, assertEquals } from "@std/assert";
import { openKernel } from "../../scripts/testing/vm/kernels.ts";
import { executable, root, skipUnless } from "../skip.ts";

const KMOD = new URL("../../kmod", import.meta.url).pathname;
const DKMS = "/usr/sbin/dkms";

/** Runs a program that must succeed. */
function must(program: string, ...args: string[]): void {
  const { code, stdout, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assertEquals(code, 0, `${program} ${args.join(" ")}: ${said}`);
}

/** What dkms.conf says of a variable. */
function configured(name: string): string {
  const text = Deno.readTextFileSync(`${KMOD}/dkms.conf`);
  return new RegExp(`^${name}="(.*)"$`, "m").exec(text)?.[1] ?? "";
}

Deno.test({
  ...skipUnless("dkms build makes the module of a given kernel from kmod alone", root(), executable(DKMS)),
  fn: async () => {
    const { kdir, release } = await openKernel("6.12");
    const folder = Deno.makeTempDirSync();
    const [name, version] = ["PACKAGE_NAME", "PACKAGE_VERSION"].map(configured);
    try {
      const [sources, tree] = [`${folder}/src`, `${folder}/tree`];
      Deno.mkdirSync(sources);
      Deno.mkdirSync(tree);
      must("cp", "-r", KMOD, `${sources}/${name}-${version}`);
      must(
        DKMS,
        ...["build", "--sourcetree", sources, "--dkmstree", tree, "-m", name, "-v", version],
        ...["-k", release, "--kernelsourcedir", Deno.realPathSync(kdir)],
      );
      const path = `${tree}/${name}/${version}/${release}/x86_64/module/${name}.ko`;
      const bytes = new TextDecoder("latin1").decode(Deno.readFileSync(path));
      assert(bytes.includes(`vermagic=${release} `), `${path} is not for ${release}`);
      assert(bytes.includes(`version=${version}\0`), `${path} is not ${version}`);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
