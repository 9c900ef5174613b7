import { assertEquals, assertThrows } from "@std/assert";
import { openDescriptors, systemCall } from "../../../../ffi/mod.ts";
import { SbError } from "../../../../src/core/mod.ts";
import { refusedWrite } from "../../../../src/probe/kmod/errors.ts";
import { SpeedBumpFiles } from "../../../../src/probe/kmod/sysfs.ts";

// A library opened in a test counts as that test's leak: open libc before.
systemCall("gettid");

/** A folder with recorded files in the place of sysfs. */
function withFiles(files: Record<string, string>, run: (module: SpeedBumpFiles, root: string) => void): void {
  const root = Deno.makeTempDirSync();
  try {
    for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(`${root}/${name}`, text);
    run(new SpeedBumpFiles(root), root);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

Deno.test("requireUsable() tells a module that is not loaded from one of another version", () => {
  withFiles({}, (module) => {
    assertEquals(module.isLoaded, false);
    assertEquals(assertThrows(() => module.requireUsable(), SbError).code, "module.not_loaded");
    assertEquals(assertThrows(() => module.readTargets(), SbError).code, "module.not_loaded");
    assertEquals(
      assertThrows(() => module.writeCommand("-*", { what: "clear" }), SbError).code,
      "module.not_loaded",
    );
  });
  withFiles({ abi: "2\n" }, (module) => {
    assertEquals(assertThrows(() => module.requireUsable(), SbError).code, "module.abi");
  });
  withFiles({ abi: "1\n" }, (module) => module.requireUsable());
});

Deno.test("writeCommand() writes the line and leaves no descriptor", () => {
  withFiles({ abi: "1\n", targets: "" }, (module, root) => {
    module.writeCommand("-@tag", { what: "remove @tag" });
    assertEquals(Deno.readTextFileSync(`${root}/targets`), "-@tag");
    assertEquals([...openDescriptors().values()].filter((label) => label.startsWith(root)), []);
  });
});

Deno.test("a list of 4096 targets is read whole", () => {
  const line = (id: number) =>
    `/usr/lib/x86_64-linux-gnu/libc.so.6:function_${id} delay_ns=0 hits=0 id=${id} delayed=0 cut=0 clipped=0 misses=0 ` +
    "outside=0 added_ns=0 overhead_ns=0\n";
  const text = Array.from({ length: 4096 }, (_, id) => line(id)).join("");
  withFiles({ targets_list: text }, (module) => {
    assertEquals(module.readTargets().map(({ id }) => id), Array.from({ length: 4096 }, (_, id) => id));
  });
});

Deno.test("every errno of the interface has a code of its own or says what it means", () => {
  const codes: Record<number, string> = {
    1: "permission.capability",
    2: "probe.not_found",
    8: "file.not_elf",
    13: "permission.capability",
    16: "module.not_loaded",
    17: "probe.exists",
    19: "module.not_loaded",
    22: "kernel.refused",
    28: "probe.too_many",
    34: "kernel.refused",
    36: "probe.too_many",
    99: "probe.site_unprobeable",
    5: "kernel.refused",
  };
  for (const [errno, code] of Object.entries(codes)) {
    const error = refusedWrite(Number(errno), { what: 'slow "x"', command: "+x" });
    assertEquals(error.code, code);
    assertEquals(error.message.startsWith('Cannot slow "x": '), true);
    assertEquals(error.data.command, "+x");
  }
});
