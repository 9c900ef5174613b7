/** What `sb module` answers, against golden files. */
import { assertEquals } from "@std/assert";
import type { BuiltModule, ModulesStatus, ModuleStatus } from "../../mod.ts";
import {
  builtJson,
  builtText,
  loadedJson,
  loadedText,
  modulesStatusJson,
  modulesStatusText,
  unloadedJson,
  unloadedText,
} from "../../src/cli/output/module.ts";
import { assertGolden } from "./golden.ts";

const FOLDER = "/root/.cache/sb/modules/6.1.0-56-amd64/0123456789abcdef";
const SPEED_BUMP: ModuleStatus = {
  module: "speed_bump",
  loaded: true,
  version: "0.1.0",
  abi: "1",
  targets: 3,
  enabled: false,
  maxTargets: 4096,
  processes: null,
  maxProcesses: null,
  path: `${FOLDER}/speed_bump.ko`,
};
const TRACER: ModuleStatus = {
  ...SPEED_BUMP,
  module: "tracer",
  abi: null,
  targets: null,
  enabled: null,
  maxTargets: null,
  processes: 2,
  maxProcesses: 4096,
  path: `${FOLDER}/tracer.ko`,
};
const LOADED: ModulesStatus = {
  modules: [SPEED_BUMP, TRACER],
  sourceVersion: "0.1.0",
  kdir: "/lib/modules/6.1.0-56-amd64/build",
  obstacle: null,
};
const NOTHING = {
  loaded: false,
  version: null,
  abi: null,
  targets: null,
  enabled: null,
  maxTargets: null,
  processes: null,
  maxProcesses: null,
  path: null,
};
const NOT_LOADED: ModulesStatus = {
  ...LOADED,
  modules: LOADED.modules.map((status) => ({ ...status, ...NOTHING })),
};
const BUILT: BuiltModule[] = LOADED.modules.map(({ module, path }) => ({
  module,
  path: path!,
  release: "6.1.0-56-amd64",
  wasThere: false,
}));

/** A document as the golden file has it: what depends on the machine is fixed, members are on lines of their own. */
function golden(json: string): string {
  const document = { ...JSON.parse(json), sb_version: "0.1.0", kernel: "6.1.0-56-amd64" };
  return JSON.stringify(document, null, 2) + "\n";
}

Deno.test("module status of modules that are loaded", () => {
  assertGolden("module_status.txt", modulesStatusText(LOADED));
  assertGolden("module_status.json", golden(modulesStatusJson(LOADED)));
});

Deno.test("module status of such that are not: whether they can be built, and what hinders", () => {
  assertGolden("module_status_not_loaded.txt", modulesStatusText(NOT_LOADED));
  const hindered = {
    ...NOT_LOADED,
    kdir: null,
    obstacle: "this kernel cannot load modules (CONFIG_MODULES)",
  };
  assertGolden("module_status_hindered.txt", modulesStatusText(hindered));
});

Deno.test("module status tells a loaded module that is older than sb's sources", () => {
  const older = { ...LOADED, modules: [{ ...SPEED_BUMP, version: "0.0.9" }] };
  assertGolden("module_status_older.txt", modulesStatusText(older));
});

Deno.test("module build prints the paths alone, its JSON whether they were built before", () => {
  assertEquals(builtText(BUILT), `${FOLDER}/speed_bump.ko\n${FOLDER}/tracer.ko\n`);
  assertGolden("module_build.json", golden(builtJson(BUILT)));
});

Deno.test("module load says what was loaded, or that it was there", () => {
  const loaded = BUILT.map(({ wasThere: _, ...built }) => ({ ...built, wasLoaded: false }));
  assertEquals(loadedText(loaded), `loaded ${FOLDER}/speed_bump.ko\nloaded ${FOLDER}/tracer.ko\n`);
  assertEquals(loadedText([{ ...loaded[1], path: null, wasLoaded: true }]), "tracer was loaded already\n");
  assertGolden("module_load.json", golden(loadedJson(loaded)));
});

Deno.test("module unload says what went with it", () => {
  const unloaded = (targets: number | null) => unloadedText([{ module: "speed_bump", targets }]);
  assertEquals(unloaded(0), "unloaded speed_bump\n");
  assertEquals(unloaded(1), "unloaded speed_bump with 1 target\n");
  assertEquals(unloaded(2), "unloaded speed_bump with 2 targets\n");
  assertGolden(
    "module_unload.json",
    golden(unloadedJson([{ module: "speed_bump", targets: 2 }, { module: "tracer", targets: null }])),
  );
});
