/** What `sb module` answers, as text and as JSON. Pure. */
import type { BuiltModule, LoadedModule, ModulesStatus, ModuleStatus, UnloadedModule } from "../../../mod.ts";
import { envelope, jsonLine } from "./envelope.ts";

/** The paths alone, as `$(sb module build tracer)` wants it. */
export function builtText(built: readonly BuiltModule[]): string {
  return built.map(({ path }) => `${path}\n`).join("");
}

/** `module build --json`. */
export function builtJson(built: readonly BuiltModule[]): string {
  return jsonLine({
    ...envelope(),
    release: built[0].release,
    modules: built.map(({ module, path, wasThere }) => ({ module, path, was_there: wasThere })),
  });
}

/** A line a module. */
export function loadedText(loaded: readonly LoadedModule[]): string {
  return loaded.map(({ module, path, wasLoaded }) =>
    wasLoaded ? `${module} was loaded already\n` : `loaded ${path}\n`
  ).join("");
}

/** `module load --json`. */
export function loadedJson(loaded: readonly LoadedModule[]): string {
  return jsonLine({
    ...envelope(),
    release: loaded[0].release,
    modules: loaded.map(({ module, path, wasLoaded }) => ({ module, path, was_loaded: wasLoaded })),
  });
}

/** A line a module, which says what went with it. */
export function unloadedText(unloaded: readonly UnloadedModule[]): string {
  return unloaded.map(({ module, targets }) => {
    const went = targets ? ` with ${targets} ${targets === 1 ? "target" : "targets"}` : "";
    return `unloaded ${module}${went}\n`;
  }).join("");
}

/** `module unload --json`. */
export function unloadedJson(unloaded: readonly UnloadedModule[]): string {
  return jsonLine({ ...envelope(), modules: unloaded.map(({ module, targets }) => ({ module, targets })) });
}

/** What of a loaded module a person wants to know. */
function loadedFacts(status: ModuleStatus): string[] {
  if (status.module === "tracer") {
    return [`${status.processes ?? 0} of ${status.maxProcesses ?? "?"} processes counted`];
  }
  return [
    `interface ${status.abi ?? "unknown"}`,
    `${status.targets ?? 0} of ${status.maxTargets ?? "?"} targets`,
    status.enabled ? "enabled" : "disabled (targets without an owner)",
  ];
}

function statusLines(status: ModuleStatus, { sourceVersion, kdir }: ModulesStatus): string[] {
  const { module, loaded, version, path } = status;
  const lines = loaded
    ? [`${module} is loaded: ${[`version ${version ?? "unknown"}`, ...loadedFacts(status)].join(", ")}`]
    : [`${module} is not loaded`];
  if (loaded && version !== sourceVersion) lines.push(`  sb carries version ${sourceVersion}`);
  const against = kdir === null ? "the kernel's build tree is not there" : `${kdir} is there`;
  lines.push(path === null ? `  not built for this kernel; ${against}` : `  built for this kernel: ${path}`);
  return lines;
}

/** A few lines a module: loaded, built; and what hinders. */
export function modulesStatusText(status: ModulesStatus): string {
  const { modules, obstacle } = status;
  const lines = modules.flatMap((each) => statusLines(each, status));
  if (obstacle !== null && modules.some(({ loaded }) => !loaded)) {
    lines.push(`none can be loaded: ${obstacle}`);
  }
  return lines.join("\n") + "\n";
}

/** `module status --json`. */
export function modulesStatusJson({ modules, sourceVersion, kdir, obstacle }: ModulesStatus): string {
  return jsonLine({
    ...envelope(),
    modules: modules.map((status) => ({
      module: status.module,
      loaded: status.loaded,
      version: status.version,
      abi: status.abi,
      targets: status.targets,
      enabled: status.enabled,
      max_targets: status.maxTargets,
      processes: status.processes,
      max_processes: status.maxProcesses,
      path: status.path,
    })),
    source_version: sourceVersion,
    kdir,
    obstacle,
  });
}
