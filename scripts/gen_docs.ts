/**
 * Makes what is generated from its sources: docs/errors.md from the error table, docs/rpc.md and the types of the clients from the
 * schema of the protocol.
 * `scripts/deno run -RW scripts/gen_docs.ts [--check]`; with --check it writes nothing and fails on a stale one.
 */
import { ERROR_TABLE } from "../src/core/mod.ts";
import { goTypes } from "./generate/go_types.ts";
import { pythonTypes } from "./generate/python_types.ts";
import { rpcDocument } from "./generate/rpc_document.ts";
import { typescriptTypes } from "./generate/typescript_types.ts";

/** docs/errors.md. */
export function errorsDocument(): string {
  const rows = Object.entries(ERROR_TABLE).map(([code, row]) =>
    `| \`${code}\` | ${row.exit} | ${row.rpc} | ${row.sentence.replaceAll("|", "\\|")} |`
  );
  return [
    "# Error codes",
    "",
    "Made from `src/core/error_table.ts` by `scripts/gen_docs.ts`; edit the table, not this file.",
    "",
    "A code is stable: scripts may branch on it. `exit` is the exit status of `sb`, except that `sb run` answers",
    "125, 126 or 127 when the command did not start. `rpc` is the number in a JSON-RPC error.",
    "",
    "| code | exit | rpc | meaning |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** Path from the root → text, of everything that is generated. */
export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  "docs/errors.md": errorsDocument,
  "docs/rpc.md": rpcDocument,
  "rpc/client/protocol.ts": typescriptTypes,
  "rpc/clients/python/sb_client/types.py": pythonTypes,
  "rpc/clients/go/types.go": goTypes,
};

function main(): void {
  const isCheck = Deno.args.includes("--check");
  let stale = 0;
  for (const [path, make] of Object.entries(DOCUMENTS)) {
    const url = new URL(`../${path}`, import.meta.url);
    let current = "";
    try {
      current = Deno.readTextFileSync(url);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const wanted = make();
    if (current === wanted) continue;
    stale++;
    if (isCheck) console.error(`${path}: out of date; run scripts/deno run -RW scripts/gen_docs.ts`);
    else Deno.writeTextFileSync(url, wanted);
  }
  if (isCheck && stale > 0) Deno.exit(1);
}

if (import.meta.main) main();
