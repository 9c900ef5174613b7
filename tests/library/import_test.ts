/** Importing the library does nothing: no permission is asked for, and no package is needed. */
import { assert, assertEquals } from "@std/assert";

const MODULE = new URL("../../mod.ts", import.meta.url).href;

/** Runs a script in a folder of its own, without a configuration of Deno. */
async function runScript(code: string, permissions: readonly string[] = []) {
  const folder = await Deno.makeTempDir({ prefix: "sb_script_" });
  try {
    await Deno.writeTextFile(`${folder}/script.ts`, code);
    const { code: status, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--quiet", ...permissions, `${folder}/script.ts`],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    return { status, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("mod.ts can be imported without any permission, from anywhere", async () => {
  const answer = await runScript(`import * as sb from ${JSON.stringify(MODULE)};
console.log(typeof sb.open, typeof sb.probe, typeof sb.run, typeof sb.sweep, typeof sb.plan, typeof sb.symbols, typeof sb.doctor);`);
  assertEquals(answer, {
    status: 0,
    stdout: "function function function function function function function\n",
    stderr: "",
  });
});

Deno.test("what needs a permission asks for it when it is called", async () => {
  const { status, stderr } = await runScript(`import * as sb from ${JSON.stringify(MODULE)};
await sb.open();`);
  assertEquals(status, 1);
  assert(stderr.includes("NotCapable") || stderr.includes("permission"), stderr);
});

/** What `deno doc --json` has of a name. */
interface DocumentedName {
  name: string;
  declarations: { jsDoc?: { doc?: string; tags?: unknown[] } }[];
}

Deno.test("every name of mod.ts has a docstring; those of the library's page are there", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", new URL(MODULE).pathname],
    stderr: "null",
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  const names: DocumentedName[] = nodes[MODULE].symbols;
  const bare = names.filter(({ declarations }) =>
    !declarations.some(({ jsDoc }) => jsDoc?.doc || jsDoc?.tags)
  );
  assertEquals(bare.map(({ name }) => name), []);
  const page = [
    "open",
    "probe",
    "run",
    "sweep",
    "plan",
    "symbols",
    "doctor",
    "SbError",
    "statisticsDocument",
  ];
  assertEquals(page.filter((wanted) => !names.some(({ name }) => name === wanted)), []);
});
