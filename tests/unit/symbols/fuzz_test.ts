/** Damaged ELF files: only SbError may come out, and no native library may crash. In processes of their own. */
import { assertEquals, assertGreater } from "@std/assert";
import { Folder, run } from "./compile.ts";

const MUTANTS = new URL("./mutants.ts", import.meta.url).pathname;
const SOURCE = `
int foo_old(int x) { return x + 1; }
int foo_new(int x) { for (int i = 0; i < x; i++) x ^= i * 3; return x; }
__asm__(".symver foo_old,foo@V1");
__asm__(".symver foo_new,foo@@V2");
extern int elsewhere(int);
int far_call(int x) { return elsewhere(x) + foo_new(x); }
static int pick_a(int x) { return x; }
static void *pick(void) { return pick_a; }
int chosen(int) __attribute__((ifunc("pick")));
`;

async function tryMutants(source: string, folder: Folder, options: { first: number; count: number }) {
  const { first, count } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-config",
      MUTANTS,
      source,
      folder.path,
      String(first),
      String(count),
      "foo",
      "foo@V1",
      "far_call%return",
      "chosen",
      "elsewhere",
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, signal, stdout, stderr } = await child.output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  const faults = lines.filter((line) => !/^(\d+$|done: )/.test(line));
  const last = lines.findLast((line) => /^\d+$/.test(line));
  const ended = `seed ${last}, signal ${signal}: ${new TextDecoder().decode(stderr).slice(-2000)}`;
  assertEquals({ faults, code }, { faults: [], code: 0 }, ended);
  // Damage that changed nothing, or that always made the file unreadable, would show nothing.
  const [, resolved, refused] = /^done: (\d+) resolved, (\d+) refused$/.exec(lines[lines.length - 1]) ?? [];
  assertGreater(Number(resolved), count / 2);
  assertGreater(Number(refused), count / 2);
}

function versionScript(folder: Folder): string {
  const path = folder.write("versions", "V1 { global: foo; }; V2 { global: foo; far_call; chosen; } V1;");
  return `-Wl,--version-script=${path}`;
}

Deno.test("mutants of a library with symbols, versions, lines and an IFUNC are resolved or refused", async () => {
  using folder = new Folder();
  const source = folder.write("mutated.c", SOURCE);
  const path = `${folder.path}/original.so`;
  run("gcc", "-O1", "-g", "-w", "-shared", "-fPIC", source, "-o", path, versionScript(folder));
  await tryMutants(path, folder, { first: 1, count: 1000 });
});

Deno.test("mutants of a stripped library with packed symbols and compressed sections are resolved or refused", async () => {
  using folder = new Folder();
  const source = folder.write("mutated.c", SOURCE);
  const path = `${folder.path}/original.so`;
  run("gcc", "-O1", "-g", "-gz", "-w", "-shared", "-fPIC", source, "-o", path, versionScript(folder));
  const mini = `${folder.path}/mini`;
  run("objcopy", "-S", "--keep-symbol=pick_a", path, mini);
  run("xz", mini);
  run("strip", "--keep-section=.debug*", "--strip-symbol=pick_a", path);
  run("objcopy", "--add-section", `.gnu_debugdata=${mini}.xz`, path);
  await tryMutants(path, folder, { first: 100_001, count: 1000 });
});
