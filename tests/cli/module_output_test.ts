/** What `sb module` answers, against golden files. */
import { assertEquals } from "@std/assert";
import type { ModuleStatus } from "../../mod.ts";
import {
  builtJson,
  builtText,
  loadedJson,
  loadedText,
  moduleStatusJson,
  moduleStatusText,
  unloadedJson,
  unloadedText,
} from "../../src/cli/output/module.ts";
import { assertGolden } from "./golden.ts";

const LOADED: ModuleStatus = {
  loaded: true,
  version: "0.1.0",
  abi: "1",
  targets: 3,
  enabled: false,
  maxTargets: 4096,
  sourceVersion: "0.1.0",
  path: "/root/.cache/sb/modules/6.1.0-56-amd64/0123456789abcdef/speed_bump.ko",
  kdir: "/lib/modules/6.1.0-56-amd64/build",
  obstacle: null,
};
const NOT_LOADED: ModuleStatus = {
  ...LOADED,
  loaded: false,
  version: null,
  abi: null,
  targets: null,
  enabled: null,
  maxTargets: null,
  path: null,
};
const BUILT = { path: LOADED.path as string, release: "6.1.0-56-amd64" };

/** A document as the golden file has it: what depends on the machine is fixed, members are on lines of their own. */
function golden(json: string): string {
  const document = { ...JSON.parse(json), sb_version: "0.1.0", kernel: "6.1.0-56-amd64" };
  return JSON.stringify(document, null, 2) + "\n";
}

Deno.test("module status of a module that is loaded", () => {
  assertGolden("module_status.txt", moduleStatusText(LOADED));
  assertGolden("module_status.json", golden(moduleStatusJson(LOADED)));
});

Deno.test("module status of one that is not: whether it can be built, and what hinders", () => {
  assertGolden("module_status_not_loaded.txt", moduleStatusText(NOT_LOADED));
  const hindered = {
    ...NOT_LOADED,
    kdir: null,
    obstacle: "this kernel cannot load modules (CONFIG_MODULES)",
  };
  assertGolden("module_status_hindered.txt", moduleStatusText(hindered));
});

Deno.test("module status tells a loaded module that is older than sb's sources", () => {
  assertGolden("module_status_older.txt", moduleStatusText({ ...LOADED, version: "0.0.9" }));
});

Deno.test("module build prints the path alone, its JSON whether it was built before", () => {
  assertEquals(builtText({ ...BUILT, wasThere: false }), `${BUILT.path}\n`);
  assertGolden("module_build.json", golden(builtJson({ ...BUILT, wasThere: false })));
});

Deno.test("module load says what was loaded, or that it was there", () => {
  assertEquals(loadedText({ ...BUILT, wasLoaded: false }), `loaded ${BUILT.path}\n`);
  assertEquals(loadedText({ ...BUILT, path: null, wasLoaded: true }), "speed_bump was loaded already\n");
  assertGolden("module_load.json", golden(loadedJson({ ...BUILT, wasLoaded: false })));
});

Deno.test("module unload says what went with it", () => {
  assertEquals(unloadedText({ targets: 0 }), "unloaded speed_bump\n");
  assertEquals(unloadedText({ targets: 1 }), "unloaded speed_bump with 1 target\n");
  assertEquals(unloadedText({ targets: 2 }), "unloaded speed_bump with 2 targets\n");
  assertGolden("module_unload.json", golden(unloadedJson({ targets: 2 })));
});
