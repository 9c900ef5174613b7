/** TypeScript programs that the tests of the client run in Deno and, bundled, in Node. */
import { assert, assertGreaterOrEqual } from "@std/assert";
import { executable, type Need } from "../skip.ts";
import { ROOT, runProgram } from "./program.ts";

const DENO = `${ROOT}scripts/deno`;
const NODE_PATH = "/usr/bin/node";

/** Where a program runs, and what that needs. */
export const RUNTIMES = {
  "Deno": { holds: true, why: "" },
  "Node 20": executable(NODE_PATH),
} as const satisfies Record<string, Need>;

/** Runs a program of this folder. @returns the JSON that it printed */
export async function runTypeScript(
  runtime: keyof typeof RUNTIMES,
  { name, args }: { name: string; args: readonly string[] },
): Promise<unknown> {
  const source = `${ROOT}tests/clients/${name}`;
  if (runtime === "Deno") {
    return JSON.parse(await runProgram(DENO, ["run", "-A", "--no-check", "--quiet", source, ...args]));
  }
  const version = /^v(\d+)/.exec(await runProgram(NODE_PATH, ["--version"]));
  assert(version);
  assertGreaterOrEqual(Number(version[1]), 20);
  const folder = await Deno.makeTempDir();
  try {
    const bundle = `${folder}/program.mjs`;
    await runProgram(DENO, ["bundle", "--quiet", "--platform", "deno", "--output", bundle, source]);
    return JSON.parse(await runProgram(NODE_PATH, [bundle, ...args]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
