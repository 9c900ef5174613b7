/** The npm package of the client: its sources alone, packed by Deno, and what Deno leaves out of package.json. */

const ROOT = new URL("../", import.meta.url).pathname;
const NAME = "@sb/client";
const DESCRIPTION = "Client of sb serve: delays native functions of a process tree, measured and undone";
const PARTS = ["rpc/client.ts", "rpc/client", "rpc/wire", "LICENSE"];

async function run(command: string, args: string[], cwd: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd }).output();
  if (success) return;
  const told = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  throw new Error(`Cannot run ${command} ${args.join(" ")}: ${told}`);
}

/** @returns the path of the package */
async function build(out: string): Promise<string> {
  const { version, license } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const work = await Deno.makeTempDir();
  try {
    await run("cp", ["-r", ...PARTS.map((part) => ROOT + part), work], ROOT);
    await Deno.rename(`${work}/client/README.md`, `${work}/README.md`);
    const config = { name: NAME, version, license, exports: "./client.ts" };
    await Deno.writeTextFile(`${work}/deno.json`, JSON.stringify(config));
    await run(
      `${ROOT}scripts/deno`,
      ["pack", "--allow-dirty", "--no-source-maps", "--output", "packed.tgz"],
      work,
    );
    await run("tar", ["-xzf", "packed.tgz"], work);
    const path = `${work}/package/package.json`;
    const manifest = {
      ...JSON.parse(await Deno.readTextFile(path)),
      description: DESCRIPTION,
      engines: { node: ">=20" },
      os: ["linux"],
    };
    await Deno.writeTextFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
    for (const text of ["README.md", "LICENSE"]) {
      await Deno.copyFile(`${work}/${text}`, `${work}/package/${text}`);
    }
    await Deno.mkdir(out, { recursive: true });
    const made = `${out}/sb-client-${version}.tgz`;
    // The same sources make the same bytes.
    const order = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
    await run("tar", [...order, "-czf", made, "package"], work);
    return made;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

console.log(await build(Deno.args[0]));
