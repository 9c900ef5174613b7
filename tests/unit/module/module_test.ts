import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SbError } from "../../../src/core/mod.ts";
import { buildModules } from "../../../src/module/build.ts";
import { nameInFile } from "../../../src/module/name_in_file.ts";
import { distributionOf, requireBuildTree } from "../../../src/module/prerequisites.ts";
import { moduleSources, sourceId, sourceVersion } from "../../../src/module/sources.ts";

Deno.test("moduleSources() are what a build reads, and nothing that a build makes", () => {
  const paths = moduleSources().map(({ path }) => path);
  for (const wanted of ["Makefile", "dkms.conf", "speed_bump/main.c", "speed_bump/command.h"]) {
    assert(paths.includes(wanted), wanted);
  }
  assertEquals(paths.filter((path) => /\.(o|ko|mod|cmd|order|symvers)$|\.mod\.c$/.test(path)), []);
});

Deno.test("sourceVersion() is the one of dkms.conf", () => {
  assertEquals(sourceVersion([{ path: "dkms.conf", text: 'A="b"\nPACKAGE_VERSION="1.2.3"\n' }]), "1.2.3");
  assertEquals(sourceVersion([]), "unknown");
  assert(/^\d+\.\d+\.\d+$/.test(sourceVersion(moduleSources())));
});

Deno.test("sourceId() changes with every text and every path", async () => {
  const files = [{ path: "a.c", text: "int a;" }, { path: "b.c", text: "" }];
  const ids = await Promise.all([
    sourceId(files),
    sourceId([{ ...files[0], text: "int b;" }, files[1]]),
    sourceId([{ ...files[0], path: "c.c" }, files[1]]),
    sourceId([files[0]]),
  ]);
  assertEquals(new Set(ids).size, 4);
});

Deno.test("distributionOf() knows a distribution by its id, a derivative by what it is like", () => {
  const install = (text: string) => distributionOf(text)?.install;
  assertEquals(install('ID=debian\nVERSION_ID="12"\n'), "sudo apt-get install");
  assertEquals(install('NAME="x"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'), "sudo apt-get install");
  assertEquals(install('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), "sudo dnf install");
  assertEquals(install('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n'), "sudo zypper install");
  assertEquals(install("ID=arch\n"), "sudo pacman -S");
  assertEquals(install("ID=plan9\n"), undefined);
  assertEquals(install(""), undefined);
});

Deno.test("requireBuildTree() names the folder that is no build tree", () => {
  const error = assertThrows(() => requireBuildTree("/nonexistent/tree"), SbError);
  assertEquals(error.code, "module.prerequisite_missing");
  assert(error.message.includes("/nonexistent/tree"));
});

/** A build tree in form: its Makefile does what is told. */
async function withTree(recipe: string, run: (kdir: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const before = Deno.env.get("SB_CACHE");
  try {
    Deno.mkdirSync(`${folder}/tree/include/generated`, { recursive: true });
    const header = '#define UTS_RELEASE "9.9.9-test"\n';
    Deno.writeTextFileSync(`${folder}/tree/include/generated/utsrelease.h`, header);
    Deno.writeTextFileSync(`${folder}/tree/Makefile`, recipe);
    Deno.env.set("SB_CACHE", `${folder}/cache`);
    await run(`${folder}/tree`);
  } finally {
    if (before === undefined) Deno.env.delete("SB_CACHE");
    else Deno.env.set("SB_CACHE", before);
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("buildModules() builds a copy of the sources once per content and kernel", async () => {
  const recipe = "modules:\n\t@echo made >> $(M)/../../../../built\n" +
    "\t@mkdir -p $(M)/tracer; cp $(M)/Makefile $(M)/speed_bump.ko; cp $(M)/Makefile $(M)/tracer/tracer.ko\n";
  await withTree(recipe, async (kdir) => {
    const first = await buildModules({ kdir });
    assertEquals(first.map(({ module }) => module), ["speed_bump", "tracer"]);
    for (const { release, wasThere, path } of first) {
      assertEquals([release, wasThere], ["9.9.9-test", false]);
      assert(Deno.statSync(path).isFile);
    }
    const second = await buildModules({ kdir });
    assertEquals(second, first.map((built) => ({ ...built, wasThere: true })));
    // Nothing of the build stays beside the modules.
    const folder = first[0].path.replace(/\/[^/]*$/, "");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(names, ["speed_bump.ko", "tracer.ko"]);
  });
});

Deno.test("buildModules() is not content with one of them", async () => {
  const recipe = "modules:\n\t@cp $(M)/Makefile $(M)/speed_bump.ko\n";
  await withTree(recipe, async (kdir) => {
    assertEquals((await assertRejects(() => buildModules({ kdir }), SbError)).code, "module.build_failed");
  });
});

Deno.test("nameInFile() reads what a module calls itself, and knows what is none", () => {
  const path = Deno.makeTempFileSync();
  try {
    const write = (text: string) => Deno.writeTextFileSync(path, text);
    write("\x7fELF…\0license=GPL\0name=tracer\0vermagic=6.1\0");
    assertEquals(nameInFile(path), "tracer");
    for (const none of ["\x7fELF no name", "name=tracer\0", "\x7fELF\0filename=tracer\0", ""]) {
      write(none);
      assertEquals(nameInFile(path), null);
    }
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("buildModules() shows the compiler's errors and keeps its whole output in data", async () => {
  const recipe = "modules:\n\t@echo 'x.c:1: error: no such thing' >&2; echo noise; exit 2\n";
  await withTree(recipe, async (kdir) => {
    const error = await assertRejects(() => buildModules({ kdir }), SbError);
    assertEquals(error.code, "module.build_failed");
    assert(error.message.includes("x.c:1: error: no such thing"));
    assert(!error.message.includes("noise"));
    assert(String(error.data.log).includes("noise"));
  });
});
