/** Checks the import rule, the places of native calls, and file lengths: `scripts/deno run -R scripts/check_imports.ts [DIR]`. */
import { checkTree } from "./import_rules.ts";

const violations = checkTree(Deno.args[0] ?? new URL("..", import.meta.url).pathname.replace(/\/$/, ""));
for (const { path, line, message } of violations) console.error(`${path}:${line}: ${message}`);
if (violations.length > 0) Deno.exit(1);
