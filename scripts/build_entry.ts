/** The entry of the one-file build: as cli.ts, but with a literal import, which the bundler can follow. */
import { start } from "../src/cli/mod.ts";

if (import.meta.main) Deno.exit(await start(Deno.args, () => import("../src/cli/main.ts")));
