/** The report of a sweep. What it needs is loaded when one is made. */
import type { CellRecord } from "../model.ts";
import type { SweepResult } from "../result.ts";

/**
 * The report: one page of HTML that asks for nothing from anywhere.
 *
 * @param version of sb
 */
export async function reportHtml(
  result: SweepResult,
  records: readonly CellRecord[],
  { version }: { version: string },
): Promise<string> {
  const { pageText } = await import("./page/mod.ts");
  return await pageText(result, { records, version });
}
