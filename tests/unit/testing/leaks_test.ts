/** What tests leave behind is seen: processes, orphans and mounts, each beside a case that leaves nothing. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { adoptOrphans, kernelObjects, leftBehind } from "../../../scripts/testing/leaks.ts";
import { root, skipUnless } from "../../skip.ts";

// libc stays open for the process's life; loaded here, it is no leak of the test that uses it first.
kernelObjects();

const SOON = { settleMs: 300 };

Deno.test("leftBehind() names a process that goes on, and none that has ended", async () => {
  const before = kernelObjects();
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const left = (await leftBehind(before, SOON)).filter((line) => line.startsWith("process"));
  assertEquals(left, [`process ${child.pid} (sleep)`]);
  child.kill("SIGKILL");
  await child.status;
  assertEquals((await leftBehind(before)).filter((line) => line.startsWith("process")), []);
});

Deno.test("adoptOrphans() makes a process whose parent has ended visible", async () => {
  adoptOrphans();
  const before = kernelObjects();
  const { stdout } = await new Deno.Command("sh", { args: ["-c", "sleep 60 >/dev/null 2>&1 & echo $!"] })
    .output();
  const pid = Number(new TextDecoder().decode(stdout));
  const left = await leftBehind(before, SOON);
  Deno.kill(pid, "SIGKILL");
  assert(left.some((line) => line.startsWith(`process ${pid} `)), left.join());
});

Deno.test({
  ...skipUnless("leftBehind() names a mount that stays, and not once it is gone", root()),
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    const before = kernelObjects();
    const run = (...args: string[]) =>
      new Deno.Command(args[0], { args: args.slice(1) }).outputSync().success;
    assert(run("mount", "-t", "tmpfs", "tmpfs", folder));
    try {
      const left = await leftBehind(before, SOON);
      assertMatch(left.join("\n"), new RegExp(`^mount ${folder}$`, "m"));
    } finally {
      assert(run("umount", folder));
      Deno.removeSync(folder);
    }
    assertEquals((await leftBehind(before, SOON)).filter((line) => line === `mount ${folder}`), []);
  },
});
