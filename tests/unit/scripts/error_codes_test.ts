/** The error table against the sources: every code is thrown, every document that lists them is current. */
import { assert, assertEquals } from "@std/assert";
import { errorsDocument } from "../../../scripts/gen_docs.ts";
import { blankSource, typeScriptFiles } from "../../../scripts/source_text.ts";
import { ERROR_TABLE } from "../../../src/core/mod.ts";

const ROOT = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");

/** The sources of the product without comments, apart from the table itself. */
function productSource(): string {
  return typeScriptFiles(ROOT)
    .filter((path) => !/^(tests|scripts)\//.test(path) && path !== "src/core/error_table.ts")
    .map((path) => blankSource(Deno.readTextFileSync(`${ROOT}/${path}`), { keepStrings: true }))
    .join("\n");
}

function codesNotIn(source: string, codes: readonly string[]): string[] {
  return codes.filter((code) => !source.includes(`"${code}"`));
}

Deno.test("every error code is thrown somewhere", () => {
  assertEquals(codesNotIn(productSource(), Object.keys(ERROR_TABLE)), []);
});

Deno.test("a code that nothing throws is found, one that stands only in a comment too", () => {
  assertEquals(codesNotIn(productSource(), ["no.such_code"]), ["no.such_code"]);
  const source = blankSource('// throw new SbError("usage.time")', { keepStrings: true });
  assertEquals(codesNotIn(source, ["usage.time"]), ["usage.time"]);
});

Deno.test("docs/errors.md is what gen_docs makes", () => {
  assertEquals(Deno.readTextFileSync(`${ROOT}/docs/errors.md`), errorsDocument());
});

Deno.test("each row of the error table is one sentence", () => {
  for (const [code, row] of Object.entries(ERROR_TABLE)) {
    assert(/^[^\n]+[.)]$/.test(row.sentence), `${code}: ${row.sentence}`);
  }
});
