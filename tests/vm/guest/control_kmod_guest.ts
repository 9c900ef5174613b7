/** The verbs on the kernel module. */
import { assertEquals } from "@std/assert";
import { parseSpec, planProbes } from "../../../mod.ts";
import { openKmodSession } from "../../../src/probe/mod.ts";
import { Verbs } from "../../control/driver.ts";
import { verbCases } from "../../control/verb_cases.ts";
import { Folder, Program } from "../program.ts";

// Starting sb takes seconds in a guest.
verbCases("kmod", { here: true });

Deno.test("kmod: list --all shows a session's targets, and no verb changes them; list does not", async () => {
  using folder = new Folder();
  await using program = await Program.start(folder.copy("bench_target"));
  await using verbs = new Verbs("kmod", { here: true });
  const target = `${program.path}:f_push`;
  const { probes } = planProbes([{ target, spec: parseSpec("5us,every=2") }], { trampoline: false });
  await using session = openKmodSession(probes);
  session.enterTree(() => [program.pid]);
  session.attach(new Map());
  await program.send("calls f_push 10");
  const [told, ...others] = await verbs.list("--all");
  assertEquals([told.id, told.target, told.hits, told.delayed, told.owner?.pid], [
    null,
    target,
    10,
    5,
    Deno.pid,
  ]);
  assertEquals(others, []);
  assertEquals(await verbs.list(), []);
  assertEquals(await verbs.clear("--all"), 0);
  assertEquals((await verbs.list("--all")).length, 1);
});
