/** Two tests in the guest that pass, and one that is skipped, for the tests of the harness. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";

Deno.test("the module is loaded, and the environment says what runs", () => {
  assert(Deno.statSync("/sys/module/fault_module").isDirectory);
  assertEquals([Deno.env.get("SB_KERNEL"), Deno.env.get("SB_TIMED")], ["6.1", undefined]);
  assert(Deno.env.get("SB_MODULE")?.endsWith("/fault_module.ko"));
});

Deno.test("/tmp is the guest's own", () => {
  assertStringIncludes(Deno.readTextFileSync("/proc/mounts"), "tmpfs /tmp tmpfs ");
});

Deno.test({ name: "nothing [skipped: for show]", ignore: true, fn: () => {} });
