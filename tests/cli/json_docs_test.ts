/** docs/json.md names every member that a document has. */
import { assert } from "@std/assert";

const DOCS = Deno.readTextFileSync(new URL("../../docs/json.md", import.meta.url));

function members(value: unknown, into: Set<string>): Set<string> {
  if (Array.isArray(value)) { for (const item of value) members(item, into); }
  else if (value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      into.add(key);
      members(item, into);
    }
  }
  return into;
}

for (
  const name of [
    "run.json",
    "run_warnings.json",
    "count.json",
    "count_pid.json",
    "dry_run.json",
    "sweep_design.json",
    "symbols_json.txt",
    "list.json",
    "status.json",
    "module_build.json",
    "module_load.json",
    "module_unload.json",
    "module_status.json",
  ]
) {
  Deno.test(`docs/json.md names every member of golden/${name}`, () => {
    const document = JSON.parse(Deno.readTextFileSync(new URL(`golden/${name}`, import.meta.url)));
    // Of the quantiles the page names the ends of the row.
    const ranged = ["p50_ns", "p90_ns", "p99_ns"];
    for (const member of members(document, new Set())) {
      const named = ranged.includes(member) || new RegExp(`[\`{, ]${member}[\`,}]`).test(DOCS);
      assert(named, `${member} is not in docs/json.md`);
    }
  });
}
