/** The command line's entry: argv to exit code. */
import { start } from "./src/cli/mod.ts";

// A computed name: Deno reads the graph of a literal one before the first line runs, a quarter of `sb --version`.
const rest = new URL("./src/cli/main.ts", import.meta.url).href;

if (import.meta.main) Deno.exit(await start(Deno.args, () => import(rest)));
