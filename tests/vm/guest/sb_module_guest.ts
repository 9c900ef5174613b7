/** `sb module` where modules can be loaded: the one of the harness is unloaded and loaded again. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { loadModule, moduleStatus, SbError, SpeedBumpFiles, unloadModule } from "../../../mod.ts";
import { runSb } from "../../control.ts";

const MODULE = new SpeedBumpFiles();
const FILE = Deno.env.get("SB_MODULE") ?? "";

// A library opened in a test counts as that test's leak: open libc before.
MODULE.setDefaultDelayNs(MODULE.defaultDelayNs);

/** Loads the module afresh, as the harness has it. */
async function reload(): Promise<void> {
  if (MODULE.isLoaded) unloadModule("speed_bump");
  await loadModule("speed_bump", { file: FILE });
}

Deno.test("the module is unloaded with what was live, and loaded with room for more", async () => {
  await using _after = { [Symbol.asyncDispose]: reload };
  MODULE.writeCommand(`+/bin/true:entry 0 offset=${entryOf("/bin/true")}`, { what: "add a target" });
  assertEquals(unloadModule("speed_bump"), { module: "speed_bump", targets: 1 });
  const { loaded, version, abi, targets, maxTargets } = (await moduleStatus()).modules[0];
  assertEquals([loaded, version, abi, targets, maxTargets], [false, null, null, null, null]);
  assertEquals(assertThrows(() => unloadModule("speed_bump"), SbError).code, "module.not_loaded");

  const foreign = await assertRejects(() => loadModule("speed_bump", { file: "/bin/true" }), SbError);
  assertEquals([foreign.code, foreign.data.errno], ["module.refused", "ENOEXEC"]);
  assertEquals((await loadModule("speed_bump", { file: FILE, maxTargets: 10_000 })).wasLoaded, false);
  const { modules: [status], sourceVersion } = await moduleStatus();
  assertEquals([status.loaded, status.abi, status.targets, status.enabled, status.maxTargets], [
    true,
    "1",
    0,
    false,
    10_000,
  ]);
  assertEquals(status.version, sourceVersion);
  assertEquals((await loadModule("speed_bump", { file: FILE })).wasLoaded, true);
  const smaller = await assertRejects(() => loadModule("speed_bump", { file: FILE, maxTargets: 5 }), SbError);
  assertEquals(smaller.code, "module.refused");

  const { code, stdout } = await runSb(["module", "unload", "--json"]);
  assertEquals([code, JSON.parse(stdout).modules], [0, [{ module: "speed_bump", targets: 0 }]]);
});

/** The file offset of an ELF file's entry point, in hexadecimal. */
function entryOf(path: string): string {
  const view = new DataView(Deno.readFileSync(path).buffer);
  const entry = view.getBigUint64(24, true);
  const headers = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  for (let index = 0; index < view.getUint16(56, true); index++) {
    const at = headers + index * size;
    const [offset, address, length] = [8, 16, 32].map((field) => view.getBigUint64(at + field, true));
    const isLoaded = view.getUint32(at, true) === 1;
    if (isLoaded && entry >= address && entry < address + length) {
      return `0x${(entry - address + offset).toString(16)}`;
    }
  }
  throw new Error(`${path} has no entry point`);
}
