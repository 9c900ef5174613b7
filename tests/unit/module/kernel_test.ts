import { assertEquals, assertStringIncludes } from "@std/assert";
import { moduleObstacle } from "../../../src/module/kernel.ts";
import { refusedLoad } from "../../../src/module/load.ts";

/** The obstacle on a machine with these files. */
function obstacleOf(files: Record<string, string>): string | null {
  const root = Deno.makeTempDirSync();
  try {
    for (const [path, text] of Object.entries(files)) {
      Deno.mkdirSync(`${root}${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${root}${path}`, `${text}\n`);
    }
    return moduleObstacle(root);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

const DISABLED = "/proc/sys/kernel/modules_disabled";
const LOCKDOWN = "/sys/kernel/security/lockdown";
const SIGNED = "/sys/module/module/parameters/sig_enforce";
const WELL = {
  "/proc/modules": "",
  [DISABLED]: "0",
  [LOCKDOWN]: "[none] integrity confidentiality",
  [SIGNED]: "N",
};

Deno.test("moduleObstacle() finds nothing on a kernel that takes every module", () => {
  assertEquals(obstacleOf(WELL), null);
  assertEquals(obstacleOf({ "/proc/modules": "" }), null);
});

Deno.test("moduleObstacle() names what hinders: no modules, switched off, lockdown, signatures", () => {
  assertStringIncludes(obstacleOf({}) ?? "", "cannot load modules");
  assertStringIncludes(obstacleOf({ ...WELL, [DISABLED]: "1" }) ?? "", "kernel.modules_disabled");
  assertStringIncludes(
    obstacleOf({ ...WELL, [LOCKDOWN]: "none [integrity] confidentiality" }) ?? "",
    "locked down (integrity)",
  );
  assertStringIncludes(obstacleOf({ ...WELL, [SIGNED]: "Y" }) ?? "", "module.sig_enforce");
});

Deno.test("refusedLoad() tells what the kernel forbids from what is wrong with the file, and what the kernel said", () => {
  const errors = [1, 2, 8, 22, 126, 129].map((errno) => refusedLoad("/x.ko", errno, []));
  assertEquals(errors.map(({ code }) => code), [
    "module.forbidden",
    "module.refused",
    "module.refused",
    "module.refused",
    "module.forbidden",
    "module.forbidden",
  ]);
  assertEquals(errors[2].message, 'Cannot load "/x.ko": it is no module of this kernel (ENOEXEC)');
  const log = ["speed_bump: loading out-of-tree module", "speed_bump: Unknown symbol uprobe_register"];
  const error = refusedLoad("/x.ko", 2, log);
  assertStringIncludes(error.message, "; the kernel says: speed_bump: Unknown symbol uprobe_register");
  assertEquals(error.data.log, log);
});
