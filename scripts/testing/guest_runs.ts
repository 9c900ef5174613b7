/** The share of scripts/test that runs on other kernels: the module checked for each, and the test files of tests/vm. */
import type { TestReport } from "./test_sum.ts";
import { exists, VmError } from "./vm/cache.ts";
import { SERIES } from "./vm/debian.ts";
import { guestSink } from "./vm/guest_sink.ts";
import { isGuestTest, runGuestTests } from "./vm/guest_tests.ts";
import { openKernel } from "./vm/kernels.ts";
import { checkModules } from "./vm/module.ts";

const KMOD = new URL("../../kmod", import.meta.url).pathname;
const QEMU = "/usr/bin/qemu-system-x86_64";

/** What is run, and where the results go. */
export interface GuestRuns {
  /** Test files for guests among them are run. */
  files: readonly string[];
  /** Whether the module is checked, too. */
  checks: boolean;
  report(report: TestReport): void;
}

function result(title: string, outcome: Partial<TestReport>): TestReport {
  return { title, passed: 0, failed: 0, skipped: [], output: "", ...outcome };
}

async function checkModule(kernel: string): Promise<TestReport> {
  const title = `${kernel} make -C kmod check`;
  try {
    await checkModules(await openKernel(kernel), KMOD);
    return result(title, { passed: 1 });
  } catch (error) {
    if (!(error instanceof VmError)) throw error;
    return result(title, { failed: 1, output: error.message });
  }
}

/** Runs what there is to run on Debian's kernels. */
export async function runOnGuests({ files, checks, report }: GuestRuns): Promise<void> {
  const chosen = files.filter(isGuestTest);
  if (chosen.length === 0 && !checks) return;
  if (Deno.build.arch !== "x86_64" || !exists(QEMU)) {
    const why = Deno.build.arch === "x86_64" ? `${QEMU} is not installed` : "their kernels are for x86-64";
    // Where it can be installed, it has to be.
    const failed = Deno.build.arch === "x86_64" && Deno.uid() === 0 ? 1 : 0;
    return report(result("guests", { failed, skipped: [`all tests [skipped: ${why}]`], output: why }));
  }
  const kernels = Object.keys(SERIES);
  if (checks) await Promise.all(kernels.map(async (kernel) => report(await checkModule(kernel))));
  if (chosen.length === 0) return;
  try {
    await runGuestTests({ kernels, files: chosen, source: KMOD, sink: guestSink({ phases: false }), report });
  } catch (error) {
    if (!(error instanceof VmError)) throw error;
    report(result("guests", { failed: 1, output: error.message }));
  }
}
