/** Sites of functions assembled from text: entries, loops, returns, refusals. */
import { assertEquals, assertThrows } from "@std/assert";
import { openElf } from "../../../ffi/mod.ts";
import { SbError } from "../../../src/core/mod.ts";
import { planSites } from "../../../src/symbols/site.ts";
import type { TargetFunction } from "../../../src/symbols/model.ts";

// libelf is loaded once for the process; loaded inside a test it would count as that test's leak.
openElf("/bin/true")[Symbol.dispose]();

function assemble(text: string, over: Partial<TargetFunction> = {}, go = false): TargetFunction {
  const folder = Deno.makeTempDirSync();
  const [source, path] = ["a.s", "a.so"].map((name) => `${folder}/${name}`);
  try {
    const tail = ".globl g\n.type g,@function\ng: ret\n.size g,.-g\n";
    Deno.writeTextFileSync(source, `.text\n.globl f\n.type f,@function\nf:\n${text}\n.size f,.-f\n${tail}`);
    const run = (program: string, args: string[]) => {
      const { success, stdout } = new Deno.Command(program, { args }).outputSync();
      if (!success) throw new Error(program);
      return new TextDecoder().decode(stdout);
    };
    run("gcc", ["-shared", "-nostdlib", "-Wl,-Bsymbolic", source, "-o", path]);
    const [, value, size] = /: ([0-9a-f]+) +(\d+) FUNC .* f$/m.exec(run("readelf", ["-sW", path])) ?? [];
    const keep = Deno.makeTempFileSync();
    Deno.copyFileSync(path, keep);
    const file = { path: keep, openPath: keep, device: 0, inode: 0n, sizeBytes: 0, modifiedNs: 0n, buildId: null, go };
    return {
      target: "a.so:f",
      symbol: "f",
      demangled: null,
      aliases: [],
      file: { ...file, machine: "x86_64" },
      at: "entry",
      fileOffset: parseInt(value, 16),
      sizeBytes: Number(size),
      exact: false,
      ...over,
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function plan(fn: TargetFunction): string[] {
  try {
    return planSites(fn).sites.map((site) =>
      `+${site.fileOffset - fn.fileOffset} ${site.class}${
        site.condition ? ` ${site.condition.when} ${site.condition.mask}` : ""
      }`
    );
  } finally {
    Deno.removeSync(fn.file.openPath);
  }
}

Deno.test("planSites() passes endbr64 by for the push behind it", () => {
  assertEquals(plan(assemble("endbr64\npush %rbp\nret")), ["+4 push"]);
});

Deno.test("planSites() never chooses what a loop runs again", () => {
  assertEquals(plan(assemble("mov %rdi,%rax\n1: push %rbp\npop %rbp\ndec %rax\njne 1b\nret")), [
    "+0 stepped",
  ]);
});

Deno.test("planSites() never passes an address that another function jumps to", () => {
  assertEquals(plan(assemble("mov %rdi,%rax\n.Lx: push %rbp\nret\n.size f,.-f\nh: jmp .Lx")), ["+0 stepped"]);
});

Deno.test("planSites() counts a Go function once that starts again after morestack", () => {
  const text = "cmp 0x10(%r14),%rsp\njbe 1f\npush %rbp\nret\n1: nop\njmp f";
  assertEquals(plan(assemble(text, {}, true)), ["+6 push"]);
});

Deno.test("planSites() finds every ret and tail jump of a return", () => {
  const text = "test %rdi,%rdi\nje 1f\nret\n1: jmp g";
  assertEquals(plan(assemble(text, { at: "return" })), ["+5 stepped", "+6 jmp"]);
});

Deno.test("planSites() refuses a Go return that it cannot decode", () => {
  const error = assertThrows(() => plan(assemble("jmp *%rax", { at: "return" }, true)), SbError);
  assertEquals((error as SbError).code, "probe.return_unsafe");
  assertEquals(
    (error as SbError).message,
    'Cannot probe the return of "a.so:f": an indirect jump at +0x0, and Go moves its stacks',
  );
});

Deno.test("planSites() refuses int3", () => {
  const error = assertThrows(() => plan(assemble("int3\nret")), SbError);
  assertEquals((error as SbError).code, "probe.site_unprobeable");
});
