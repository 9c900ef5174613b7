/** FILE as a name: libraries as the dynamic linker finds them, programs of PATH, scripts in their place. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { hwcapLevels, machineLevels } from "../../../src/symbols/hwcaps.ts";
import { parseLdCache } from "../../../src/symbols/ld_cache.ts";
import { resolveTarget } from "../../../src/symbols/mod.ts";
import type { LookupContext } from "../../../src/symbols/mod.ts";
import { Folder, refusalOf, run } from "./compile.ts";

const SOURCE = "int part(int x) { return x; }";
const MAIN = "extern int part(int); int main(void) { return part(0); }";

/** A program that needs libpart.so.1 by name, and is linked with `args`. */
function programWith(folder: Folder, args: string[] = []): string {
  Deno.mkdirSync(`${folder.path}/link`);
  const library = folder.library("link/libpart.so", SOURCE, ["-Wl,-soname,libpart.so.1"]);
  return folder.compile("program", MAIN, { args: [library, ...args] });
}

/** Puts a libpart.so.1 into a folder of the folder. @returns its path */
function place(folder: Folder, where: string): string {
  Deno.mkdirSync(`${folder.path}/${where}`, { recursive: true });
  const path = `${folder.path}/${where}/libpart.so.1`;
  Deno.copyFileSync(`${folder.path}/link/libpart.so`, path);
  return path;
}

function fileOf(target: string, context: LookupContext): string {
  return resolveTarget(target, context)[0].file.path;
}

const BARE = { PATH: "/usr/bin:/bin" };

Deno.test("a library is found where DT_RUNPATH says, $ORIGIN and all", () => {
  using folder = new Folder();
  const program = programWith(folder, ["-Wl,--enable-new-dtags,-rpath,$ORIGIN/lib"]);
  const path = place(folder, "lib");
  const context = { command: [program], env: BARE };
  for (const name of ["libpart.so.1", "libpart"]) assertEquals(fileOf(`${name}:part`, context), path);
  assertEquals(refusalOf(`${program}:part`, context).data.library, path);
  assertEquals(refusalOf("libpart:part", { env: BARE }).code, "file.not_found");
});

Deno.test("LD_LIBRARY_PATH goes before DT_RUNPATH, and after DT_RPATH", () => {
  using folder = new Folder();
  const newer = programWith(folder, ["-Wl,--enable-new-dtags,-rpath,$ORIGIN/run"]);
  const [byRunpath, byVariable] = [place(folder, "run"), place(folder, "variable")];
  const env = { ...BARE, LD_LIBRARY_PATH: `${folder.path}/variable` };
  assertEquals(fileOf("libpart:part", { command: [newer], env: BARE }), byRunpath);
  assertEquals(fileOf("libpart:part", { command: [newer], env }), byVariable);
  const older = folder.compile("older", MAIN, {
    args: [`${folder.path}/link/libpart.so`, "-Wl,--disable-new-dtags,-rpath,$ORIGIN/run"],
  });
  assertEquals(fileOf("libpart:part", { command: [older], env }), byRunpath);
  // The linker itself agrees.
  const says = new Deno.Command("ldd", { args: [older], env }).outputSync();
  assertStringIncludes(new TextDecoder().decode(says.stdout), byRunpath);
});

Deno.test("a library of LD_PRELOAD is one that the command loads", () => {
  using folder = new Folder();
  const preload = folder.library("libpreload.so", "int extra(int x) { return x; }");
  const context = { command: ["/bin/true"], env: { ...BARE, LD_PRELOAD: preload } };
  assertEquals(fileOf("libpreload:extra", context), preload);
  assertEquals(refusalOf("libpreload:extra", { ...context, env: BARE }).code, "file.not_found");
});

Deno.test("libraries of libraries are found, by the paths of those that need them", () => {
  using folder = new Folder();
  Deno.mkdirSync(`${folder.path}/inner`);
  const inner = folder.library("inner/libinner.so", "int inner(int x) { return x; }", [
    "-Wl,-soname,libinner.so",
  ]);
  const outer = folder.library(
    "libouter.so",
    "extern int inner(int); int outer(int x) { return inner(x); }",
    [
      inner,
      "-Wl,-soname,libouter.so,-rpath,$ORIGIN/inner",
    ],
  );
  const program = folder.compile("program", "extern int outer(int); int main(void) { return outer(0); }", {
    args: [outer, "-Wl,-rpath,$ORIGIN", "-Wl,-rpath-link," + `${folder.path}/inner`],
  });
  assertEquals(fileOf("libinner:inner", { command: [program], env: BARE }), inner);
  assertEquals(refusalOf(`${program}:inner`, { env: BARE }).hint, `Use ${inner}:inner`);
});

Deno.test("the processor's glibc-hwcaps folders go before the plain one", () => {
  using folder = new Folder();
  const program = programWith(folder, ["-Wl,-rpath,$ORIGIN/lib"]);
  const plain = place(folder, "lib");
  const context = { command: [program], env: BARE };
  assertEquals(fileOf("libpart:part", context), plain);
  place(folder, "lib/glibc-hwcaps/x86-64-v9");
  assertEquals(fileOf("libpart:part", context), plain);
  const [level] = machineLevels();
  if (level === undefined) return; // a processor of no level, or of a machine that has none
  const best = place(folder, `lib/glibc-hwcaps/${level}`);
  assertEquals(fileOf("libpart:part", context), best);
  assertStringIncludes(run("ldd", program), best);
});

Deno.test("hwcapLevels() wants every flag of a level, and of those below it", () => {
  const v2 = ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"];
  assertEquals(hwcapLevels(new Set(v2)), ["x86-64-v2"]);
  assertEquals(hwcapLevels(new Set(v2.slice(1))), []);
  assertEquals(
    hwcapLevels(new Set([...v2, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"])),
    ["x86-64-v2"],
  );
});

/** A cache as ldconfig writes it: one name, plain and for a level. */
function cacheOf(level: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const put = (at: number, text: string) => bytes.set(new TextEncoder().encode(`${text}\0`), at);
  put(0, "glibc-ld.so.cache1.1");
  view.setUint32(20, 2, true);
  view.setUint32(32, 400, true);
  for (const [index, [path, hwcap]] of ([[210, 0n], [230, 1n << 62n]] as const).entries()) {
    const at = 48 + index * 24;
    view.setInt32(at, Deno.build.arch === "x86_64" ? 0x0303 : 0x0a03, true);
    view.setUint32(at + 4, 200, true);
    view.setUint32(at + 8, path, true);
    view.setBigUint64(at + 16, hwcap, true);
  }
  put(200, "liba.so");
  put(210, "/plain/liba.so");
  put(230, "/level/liba.so");
  put(250, level);
  view.setUint32(400, 0xeaa42174, true);
  view.setUint32(404, 1, true);
  for (const [index, word] of [1, 0, 440, 4].entries()) view.setUint32(408 + index * 4, word, true);
  view.setUint32(440, 250, true);
  return bytes;
}

Deno.test("parseLdCache() prefers what is for the processor's level, and leaves out what is for another", () => {
  const machine = Deno.build.arch;
  const cache = cacheOf("x86-64-v3");
  const paths = (levels: string[]) => parseLdCache(cache, { machine, levels }).map(({ path }) => path);
  assertEquals(paths(["x86-64-v3", "x86-64-v2"]), ["/level/liba.so", "/plain/liba.so"]);
  assertEquals(paths(["x86-64-v2"]), ["/plain/liba.so"]);
});

Deno.test("parseLdCache() takes damaged caches without falling over", () => {
  const whole = cacheOf("x86-64-v3");
  const options = { machine: Deno.build.arch, levels: ["x86-64-v3"] };
  for (let length = 0; length < whole.length; length++) parseLdCache(whole.slice(0, length), options);
  for (let at = 20; at < whole.length; at++) {
    const damaged = whole.slice();
    damaged[at] = 0xff;
    parseLdCache(damaged, options);
  }
});

Deno.test("a program is found in PATH, and needs to be executable there", () => {
  using folder = new Folder();
  const path = folder.compile("tool", "int main(void) { return 0; }");
  const env = { PATH: `/nowhere:${folder.path}` };
  assertEquals(fileOf("tool:main", { env }), path);
  Deno.chmodSync(path, 0o644);
  assertEquals(refusalOf("tool:main", { env }).code, "file.not_found");
});

function script(folder: Folder, name: string, text: string): string {
  const path = folder.write(name, text);
  Deno.chmodSync(path, 0o755);
  return path;
}

Deno.test("a script is refused with the ELF that its #! line names", () => {
  using folder = new Folder();
  const elf = folder.compile("interpreter", "int main(void) { return 0; }");
  const path = script(folder, "script", `#!${elf} -x\nanything\n`);
  const refusal = refusalOf(`${path}:main%return`);
  assertEquals(refusal.code, "file.script");
  assertEquals(refusal.message, `Cannot use "${path}": ${path} is a script (#!${elf} -x); it runs ${elf}`);
  assertEquals(refusal.hint, `Use ${elf}:main%return`);
  const byEnv = script(folder, "by_env", "#!/usr/bin/env interpreter\n");
  assertEquals(refusalOf(`${byEnv}:main`, { env: { PATH: folder.path } }).hint, `Use ${elf}:main`);
  const lost = script(folder, "lost", "#!/nowhere/at/all\n");
  assertStringIncludes(refusalOf(`${lost}:main`).message, "which ELF it runs is not known");
  assertEquals(refusalOf(`${lost}:main`).hint, "Name the ELF file that it runs");
});

Deno.test("a wrapper whose last line is exec names what it becomes", () => {
  using folder = new Folder();
  const elf = folder.compile("real", "int main(void) { return 0; }");
  const uses = (text: string) => refusalOf(`${script(folder, "wrapper", text)}:main`).data.runs;
  const shell = Deno.realPathSync("/bin/sh");
  assertEquals(uses(`#!/bin/sh\nX=1\nexport X\nexec ${elf} "$@"\n`), elf);
  assertEquals(uses(`#!/bin/sh\nexec "${elf}" --flag "$@"\n# the end\n\n`), elf);
  assertEquals(uses(`#!/usr/bin/env sh\nexec '${elf}'\n`), elf);
  // What the shell decides, or does after it, is not guessed.
  assertEquals(uses(`#!/bin/sh\nexec "$HOME/real" "$@"\n`), shell);
  assertEquals(uses(`#!/bin/sh\nexec ${elf} "$@"\necho more\n`), shell);
  assertEquals(uses(`#!/bin/sh\n# exec ${elf}\n:\n`), shell);
  const outer = script(folder, "outer", `#!/bin/sh\nexec ${folder.path}/wrapper "$@"\n`);
  script(folder, "wrapper", `#!/bin/sh\nexec ${elf} "$@"\n`);
  assertEquals(refusalOf(`${outer}:main`).data.runs, elf);
});

Deno.test("a wrapper that names itself is not followed for ever", () => {
  using folder = new Folder();
  const path = `${folder.path}/loop`;
  script(folder, "loop", `#!/bin/sh\nexec ${path} "$@"\n`);
  assertEquals(refusalOf(`${path}:main`).data.runs, null);
});

Deno.test("a version manager's shim names the ELF of the version that is chosen", () => {
  using folder = new Folder();
  for (const directory of ["shims", "versions/3.9/bin", "versions/3.12/bin"]) {
    Deno.mkdirSync(`${folder.path}/${directory}`, { recursive: true });
  }
  const elf = folder.compile("versions/3.12/bin/tool", "int main(void) { return 0; }");
  Deno.copyFileSync(elf, `${folder.path}/versions/3.9/bin/tool`);
  const shim = script(folder, "shims/tool", `#!/usr/bin/env bash\nexec pyenv exec tool "$@"\n`);
  const env = { PATH: `${folder.path}/shims:/usr/bin:/bin` };
  folder.write("version", "3.12\n");
  const refusal = refusalOf("tool:main", { env, cwd: "/" });
  assertEquals(
    refusal.message,
    `Cannot use "tool": ${shim} is a script, a pyenv shim (#!/usr/bin/env bash); it runs ${elf}`,
  );
  assertEquals(refusal.hint, `Use ${elf}:main`);
  const other = { ...env, PYENV_VERSION: "3.9" };
  assertEquals(
    refusalOf("tool:main", { env: other, cwd: "/" }).data.runs,
    `${folder.path}/versions/3.9/bin/tool`,
  );
});

Deno.test("a script's hint goes on to the library that has the function", () => {
  using folder = new Folder();
  const program = programWith(folder, ["-Wl,-rpath,$ORIGIN/lib"]);
  const library = place(folder, "lib");
  const path = script(folder, "script", `#!${program}\n`);
  assertEquals(refusalOf(`${path}:part%return`).hint, `Use ${library}:part%return`);
});

Deno.test("a script's command loads what its interpreter loads", () => {
  using folder = new Folder();
  const program = programWith(folder, ["-Wl,-rpath,$ORIGIN/lib"]);
  const library = place(folder, "lib");
  const path = script(folder, "script", `#!${program}\n`);
  assertEquals(fileOf("libpart:part", { command: [path] }), library);
});
