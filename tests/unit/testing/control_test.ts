/** The independent counts that kernel tests rely on: right where something is called, zero where nothing is. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { bpftraceCount, runSb } from "../../control.ts";
import { fixture } from "../../fixtures/build.ts";
import { executable, root, skipUnless } from "../../skip.ts";

Deno.test("runSb() gives the exit code and both outputs of sb", async () => {
  const version = await runSb(["--version"]);
  assertEquals([version.code, version.stderr], [0, ""]);
  assertStringIncludes(version.stdout, "sb ");
  const wrong = await runSb(["--no-such-option"]);
  assertEquals([wrong.code, wrong.stdout], [2, ""]);
  assertStringIncludes(wrong.stderr, "no-such-option");
});

Deno.test({
  ...skipUnless(
    "bpftraceCount() counts calls, and none of a function that is not called",
    root(),
    executable("/usr/bin/bpftrace"),
  ),
  fn: async () => {
    const path = fixture("bench_target");
    const command = `${path} calls f_push 37`;
    assertEquals(await bpftraceCount({ path, symbol: "f_push" }, command), 37);
    assertEquals(await bpftraceCount({ path, symbol: "f_mov" }, command), 0);
    await assertRejects(() => bpftraceCount({ path, symbol: "no_such_function" }, command), Error);
  },
});
