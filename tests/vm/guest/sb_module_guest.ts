/** `sb module` where modules can be loaded: the one of the harness is unloaded and loaded again. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { SpeedBumpFiles } from "../../../src/probe/mod.ts";
import { runSb } from "../../control.ts";

const MODULE = new SpeedBumpFiles();
const FILE = Deno.env.get("SB_MODULE") ?? "";

async function answerOf(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runSb(["module", ...args, "--json"]);
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

Deno.test("sb unloads the module with what was live, loads it with room for more, and says how it stands", async () => {
  try {
    MODULE.writeCommand(`+/bin/true:entry 0 offset=${entryOf("/bin/true")}`, { what: "add" });
    assertEquals((await answerOf("unload")).targets, 1);
    assertEquals((await answerOf("status")).loaded, false);
    const again = await runSb(["module", "unload"]);
    assertEquals(again.code, 3);
    assertStringIncludes(again.stderr, "it is not loaded");

    const foreign = await runSb(["module", "load", "/bin/true"]);
    assertEquals(foreign.code, 1);
    assertStringIncludes(
      foreign.stderr,
      'error: Cannot load "/bin/true": it is no module of this kernel (ENOEXEC)',
    );
    assertEquals((await answerOf("load", "--max-targets", "10000", FILE)).was_loaded, false);
  } finally {
    if (!MODULE.isLoaded) await runSb(["module", "load", FILE]);
  }
  const status = await answerOf("status");
  assertEquals([status.loaded, status.abi, status.targets, status.enabled, status.max_targets], [
    true,
    "1",
    0,
    false,
    10_000,
  ]);
  assertEquals(status.version, status.source_version);
  assertEquals((await answerOf("load", FILE)).was_loaded, true);
  const smaller = await runSb(["module", "load", "--max-targets", "5", FILE]);
  assertEquals(smaller.code, 1);
  assertStringIncludes(smaller.stderr, "hint: Unload it before");
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
