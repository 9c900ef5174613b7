/** Test files in guests, as scripts/vm test runs them: counts, what is left behind, files that take the guest along. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { packDenoCache } from "../../scripts/testing/vm/deno_cache.ts";
import { type GuestReport, runBatch } from "../../scripts/testing/vm/guest_tests.ts";
import { openKernel } from "../../scripts/testing/vm/kernels.ts";
import { buildModules } from "../../scripts/testing/vm/module.ts";
import { skipUnless } from "../skip.ts";
import { FAULT_MODULE, guestNeeds, ROOT } from "./harness_guest.ts";

const SINK = { stdout: () => {}, stderr: () => {}, phase: () => {}, waiting: () => {} };

async function reportsOf(names: readonly string[]): Promise<GuestReport[]> {
  const kernel = await openKernel("6.1");
  const [module] = await buildModules(kernel, FAULT_MODULE);
  const boot = { label: "", timed: false, expedited: true };
  const files = names.map((name) => `tests/vm/harness_files/${name}.ts`);
  const denoCache = await packDenoCache(ROOT, files);
  const reports: GuestReport[] = [];
  const report = (report: GuestReport) => reports.push(report);
  await runBatch({ kernel, boot, module, sink: SINK, denoCache, report }, files);
  return reports;
}

function counts({ title, passed, failed, skipped }: GuestReport): unknown[] {
  return [title.replace("6.1 tests/vm/harness_files/", ""), passed, failed, skipped.length];
}

function outputs(reports: readonly GuestReport[]): string {
  return reports.map(({ output }) => output).join("\n");
}

Deno.test({
  ...skipUnless(
    "a file is charged with what it leaves behind, and the next one finds a clean guest",
    ...guestNeeds(),
  ),
  async fn() {
    const reports = await reportsOf(["passes", "leaves", "passes"]);
    // One process, one mount, one complaint.
    const expected = [["passes.ts", 2, 0, 1], ["leaves.ts", 1, 3, 0], ["passes.ts", 2, 0, 1]];
    assertEquals(reports.map(counts), expected, outputs(reports));
    assertEquals(reports[0].output, "");
    for (
      const text of ["left behind: process ", "sleep 1000", "left behind: left /tmp/left tmpfs", "WARNING: "]
    ) {
      assertStringIncludes(reports[1].output, text);
    }
  },
});

Deno.test({
  ...skipUnless(
    "a file that kills the guest fails, one that breaks the module too, and the rest runs",
    ...guestNeeds(),
  ),
  async fn() {
    const reports = await reportsOf(["dies", "pins", "passes"]);
    const expected = [["dies.ts", 0, 1, 0], ["pins.ts", 1, 1, 0], ["passes.ts", 2, 0, 1]];
    assertEquals(reports.map(counts), expected, outputs(reports));
    assertStringIncludes(reports[0].output, "going");
    assertStringIncludes(reports[0].output, "kernel BUG at");
    assertStringIncludes(reports[1].output, "left behind: references to the module: 1");
  },
});
