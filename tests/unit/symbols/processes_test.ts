/** Targets in running processes: other roots, mapped libraries, deleted files, the process's own environment. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { openDescriptors } from "../../../ffi/mod.ts";
import { listSymbols, planSites, resolveTarget } from "../../../src/symbols/mod.ts";
import { root as rootUser, skipUnless } from "../../skip.ts";
import { Folder, refusalOf, run } from "./compile.ts";

const LIBC = resolveTarget("libc.so.6:malloc")[0].file.path;
/** Says that it runs, and stays until its input ends. */
const WAITING = `
#include <stdio.h>
int part(int x);
int main(void) { part(1); puts("ready"); fflush(stdout); return getchar(); }`;
const PART = "int part(int x) { return x; }";

/** A process that runs until it is disposed of. */
class Running implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly pid: number;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.pid = child.pid;
  }

  /** Starts a program that says "ready". */
  static async start(
    program: string,
    options: { args?: string[]; env?: Record<string, string>; cwd?: string } = {},
  ): Promise<Running> {
    const child = new Deno.Command(program, { ...options, stdin: "piped", stdout: "piped" }).spawn();
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    const said = new TextDecoder().decode(value);
    if (!said.startsWith("ready")) throw new Error(`${program} says "${said}"`);
    return new Running(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    await this.#child.stdout.cancel();
    await this.#child.status;
  }
}

function build(folder: Folder): { program: string; library: string } {
  const library = folder.library("libpart.so", PART, ["-Wl,-soname,libpart.so"]);
  const program = folder.compile("program", WAITING, { args: [library, `-Wl,-rpath,${folder.path}`] });
  return { program, library };
}

Deno.test("a library name means what the process has mapped", async () => {
  using folder = new Folder();
  const { program, library } = build(folder);
  await using running = await Running.start(program);
  const { pid } = running;
  const before = openDescriptors().size;
  for (const name of ["libpart.so", "libpart"]) {
    assertEquals(resolveTarget(`${name}:part`, { pid })[0].file.path, library);
  }
  assertEquals(resolveTarget("program:main", { pid })[0].file.path, program);
  assertEquals(resolveTarget("libc:malloc", { pid })[0].file.path, LIBC);
  assertEquals(refusalOf("libpart:part").code, "file.not_found");
  assertStringIncludes(refusalOf(`${program}:part`, { pid }).hint ?? "", `${library}:part`);
  assertStringIncludes(refusalOf("libpartt.so:part", { pid }).hint ?? "", "libpart.so");
  assertEquals(openDescriptors().size, before);
});

Deno.test("relative paths, PATH and LD_LIBRARY_PATH are the process's own", async () => {
  using folder = new Folder();
  const { program, library } = build(folder);
  Deno.mkdirSync(`${folder.path}/bin`);
  const tool = folder.compile("bin/some-tool", "int main(void) { return 0; }");
  Deno.mkdirSync(`${folder.path}/extra`);
  const extra = folder.library("extra/libextra.so", "int extra(int x) { return x; }");
  const env = { PATH: `${folder.path}/bin:/usr/bin`, LD_LIBRARY_PATH: `${folder.path}/extra` };
  await using running = await Running.start(program, { env, cwd: folder.path });
  const { pid } = running;
  assertEquals(resolveTarget("./libpart.so:part", { pid })[0].file.path, library);
  assertEquals(resolveTarget("some-tool:main", { pid })[0].file.path, tool);
  assertEquals(resolveTarget("libextra:extra", { pid })[0].file.path, extra);
  assertEquals(resolveTarget("/proc/self/exe:main", { pid })[0].file.path, program);
  // What is given goes before what the process has.
  assertEquals(refusalOf("some-tool:main", { pid, env: { PATH: "/usr/bin" } }).code, "file.not_found");
  assertEquals(refusalOf("some-tool:main").code, "file.not_found");
});

Deno.test({
  ...skipUnless("a library that was replaced is the one that the process runs", rootUser()),
  fn: async () => {
    using folder = new Folder();
    const { program, library } = build(folder);
    const old = resolveTarget(`${library}:part`)[0];
    const { sites } = planSites(old);
    await using running = await Running.start(program);
    const { pid } = running;
    assertEquals(resolveTarget(`${library}:part`, { pid })[0].file.openPath, library);
    const source = `int before(int x) { return x * 77; }\n${PART}`;
    const fresh = folder.library("fresh.so", source, ["-Wl,-soname,libpart.so"]);
    Deno.renameSync(fresh, library);
    for (const target of [`${library}:part`, "libpart:part"]) {
      const [found] = resolveTarget(target, { pid });
      assertEquals([found.file.path, found.file.inode], [library, old.file.inode]);
      assert(found.file.openPath.startsWith(`/proc/${pid}/map_files/`));
      assertEquals(found.file.sizeBytes, old.file.sizeBytes);
      assertEquals(planSites(found).sites, sites);
    }
    // Anyone else gets the new one.
    assertNotEquals(resolveTarget(`${library}:part`)[0].file.inode, old.file.inode);
    assertEquals(resolveTarget(`${library}:before`)[0].symbol, "before");
    assertEquals(refusalOf(`${library}:before`, { pid }).code, "probe.symbol_not_found");
  },
});

Deno.test({
  ...skipUnless("a program and a library that were deleted are still found", rootUser()),
  fn: async () => {
    using folder = new Folder();
    const { program, library } = build(folder);
    await using running = await Running.start(program);
    const { pid } = running;
    Deno.removeSync(library);
    Deno.removeSync(program);
    assertEquals(resolveTarget("libpart:part", { pid })[0].file.path, library);
    assertEquals(resolveTarget(`${program}:main`, { pid })[0].symbol, "main");
    const rows = [...listSymbols("libpart", { pid, pattern: "part" })].map(({ name }) => name);
    assert(rows.includes("part"));
    assertEquals(refusalOf(`${library}:part`).code, "file.not_found");
  },
});

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Copies what a program needs below a folder, so that it runs in a chroot there. */
function copyTree(program: string, top: string): void {
  const needed = [...run("ldd", program).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path);
  for (const path of [program, ...needed]) {
    const real = Deno.realPathSync(path);
    const slash = path.lastIndexOf("/");
    const named = Deno.realPathSync(path.slice(0, slash)) + path.slice(slash);
    for (const each of [real, named]) {
      Deno.mkdirSync(`${top}${each.slice(0, each.lastIndexOf("/"))}`, { recursive: true });
    }
    Deno.copyFileSync(path, `${top}${real}`);
    if (named !== real) Deno.symlinkSync(real, `${top}${named}`);
    // /lib and /lib64 lead to /usr, by absolute links that only mean the right thing inside.
    const first = `/${path.split("/")[1]}`;
    if (Deno.realPathSync(first) !== first && !exists(`${top}${first}`)) {
      Deno.symlinkSync(Deno.realPathSync(first), `${top}${first}`);
    }
  }
}

for (
  const [what, wrap] of [
    ["a chroot", ["chroot"]],
    ["another mount namespace", ["unshare", "-m", "chroot"]],
  ] as const
) {
  Deno.test({
    ...skipUnless(`paths of a process in ${what} stay inside it, links too`, rootUser()),
    fn: async () => {
      using folder = new Folder();
      const { program, library } = build(folder);
      const top = `${folder.path}/top`;
      Deno.mkdirSync(top);
      copyTree(program, top);
      // Absolute inside: outside it would lead to the host's own file.
      Deno.symlinkSync(LIBC, `${top}/link.so`);
      Deno.mkdirSync(`${top}/only`);
      Deno.symlinkSync(`${folder.path}/program.c`, `${top}/only/host`);
      const [command, ...args] = [...wrap, top, program];
      await using running = await Running.start(command, { args });
      const { pid } = running;
      const inside = Deno.statSync(`${top}${LIBC}`);
      const before = openDescriptors().size;
      for (const name of ["/link.so", LIBC, "libc.so.6", "/../../link.so"]) {
        const [{ file }] = resolveTarget(`${name}:malloc`, { pid });
        assertEquals([file.path, file.inode], [LIBC, BigInt(inside.ino ?? 0)], name);
        const opened = Deno.statSync(file.openPath);
        assertEquals([opened.ino, opened.dev], [inside.ino, inside.dev], name);
      }
      assertNotEquals(resolveTarget("libc.so.6:malloc")[0].file.inode, BigInt(inside.ino ?? 0));
      const [part] = resolveTarget("libpart:part", { pid });
      assertEquals([part.file.path, part.target], [library, `${library}:part`]);
      assertEquals(planSites(part).sites.length > 0, true);
      assertEquals(resolveTarget("program:main", { pid })[0].file.path, program);
      assertEquals([...listSymbols("libpart", { pid, pattern: "part" })].length > 0, true);
      // The host has it, the process does not.
      assertEquals(refusalOf("/only/host:main", { pid }).code, "file.not_found");
      assertEquals(refusalOf(`${folder.path}/libpart.so.c:main`, { pid }).code, "file.not_found");
      assertEquals(openDescriptors().size, before);
    },
  });
}
