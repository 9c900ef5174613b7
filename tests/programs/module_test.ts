/** `sb module` on a machine that takes no modules: each action says what stands in the way. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runSb } from "../control.ts";
import { skipUnless } from "../skip.ts";

const modulesOff = {
  holds: !exists("/proc/modules"),
  why: "this kernel loads modules",
};

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("sb module status answers on any machine", async () => {
  const { code, stdout } = await runSb(["module", "status", "--json"]);
  assertEquals(code, 0);
  const status = JSON.parse(stdout);
  assertEquals(status.schema, 1);
  assertEquals(status.modules.map(({ module }: { module: string }) => module), ["speed_bump", "tracer"]);
  assertEquals(typeof status.modules[0].loaded, "boolean");
});

Deno.test({
  ...skipUnless("sb module load says that the kernel cannot load modules", modulesOff),
  fn: async () => {
    const { code, stderr, stdout } = await runSb(["module", "load"]);
    assertEquals([code, stdout], [3, ""]);
    assertStringIncludes(stderr, "error: Cannot load the kernel module: this kernel cannot load modules");
    assertStringIncludes(stderr, "hint: Use the eBPF backend");
  },
});

Deno.test({
  ...skipUnless("sb module unload says that it is not loaded", modulesOff),
  fn: async () => {
    const { code, stderr } = await runSb(["module", "unload"]);
    assertEquals(code, 3);
    assertStringIncludes(stderr, "error: Cannot unload the kernel module speed_bump: it is not loaded");
  },
});

Deno.test({
  ...skipUnless("sb run --backend=kmod without the module is refused with the way on", modulesOff),
  fn: async () => {
    const { code, stderr } = await runSb(["run", "--backend=kmod", "--slow", "true:main=1us", "--", "true"]);
    assertEquals(code, 3);
    assertStringIncludes(stderr, "it is not loaded");
    assertStringIncludes(stderr, "hint: Load it: sudo sb module load");
  },
});

Deno.test({
  ...skipUnless("how=sleep without the module is refused before anything runs", modulesOff),
  fn: async () => {
    for (const backend of ["auto", "ebpf"]) {
      const { code, stderr } = await runSb([
        "run",
        `--backend=${backend}`,
        "--slow",
        "libc.so.6:malloc=1us,how=sleep",
        "--",
        "true",
      ]);
      assertEquals(code, 3);
      assertStringIncludes(stderr, 'error: Cannot sleep in "libc.so.6:malloc"');
    }
  },
});

Deno.test({
  ...skipUnless(
    "sb count without the module is refused before anything runs, in the report's place",
    modulesOff,
  ),
  fn: async () => {
    const missing = "Cannot count kernel operations: the kernel module tracer is not loaded";
    const hint = "Load it: sudo sb module load tracer";
    const { code, stdout, stderr } = await runSb(["count", "--", "echo", "started"]);
    assertEquals([code, stdout, stderr], [3, "", `error: ${missing}\nhint: ${hint}\n`]);
    const document = await runSb(["count", "--json", "-o", "-", "--pid", "1"]);
    assertEquals([document.code, document.stderr], [3, ""]);
    assertEquals(JSON.parse(document.stdout).error, {
      code: "module.not_loaded",
      message: missing,
      hint,
      data: {},
    });
  },
});

Deno.test("sb module build without headers names the command that installs them", async () => {
  const { code, stderr } = await runSb(["module", "build", "--kdir", "/nonexistent"]);
  assertEquals(code, 3);
  assertStringIncludes(stderr, "error: Cannot build the kernel module: /nonexistent is no kernel build tree");
  const { stdout } = await runSb(["module", "build", "--kdir", "/nonexistent", "--json"]);
  const { error } = JSON.parse(stdout);
  assertEquals(error.code, "module.prerequisite_missing");
  assert(error.data.missing.length > 0);
});

const USAGE: [args: string[], message: string][] = [
  [
    ["stats"],
    'Cannot read "stats": sb module takes one of build, load, unload, status (did you mean status?)',
  ],
  [["status", "x.ko"], 'Cannot read "x.ko": sb module status takes no file'],
  [
    ["load", "track"],
    'Cannot find the module "track": it is not one of speed_bump, tracer (did you mean tracer?)',
  ],
  [["load", "tracer", "--max-targets", "5"], 'Cannot read the option "--max-targets": it is of speed_bump'],
  [["unload", "--kdir", "/x"], 'Cannot read the option "--kdir": sb module unload takes none such'],
  [["load", "--max-targets", "0"], 'Cannot read "--max-targets=0": it is not a number from 1 to 9999999'],
  [["load", "--max-targets", "1e3"], 'Cannot read "--max-targets=1e3": it is not a number from 1 to 9999999'],
];

Deno.test("what sb module cannot mean is refused in one line", async () => {
  for (const [args, message] of USAGE) {
    const { code, stderr } = await runSb(["module", ...args]);
    assertEquals([code, stderr], [2, `error: ${message}\n`]);
  }
});
