/** What `sb module` answers, as text and as JSON. Pure. */
import type { BuiltModule, LoadedModule, ModuleStatus, UnloadedModule } from "../../../mod.ts";
import { envelope, jsonLine } from "./envelope.ts";

/** The path alone, as `$(sb module build)` wants it. */
export function builtText({ path }: BuiltModule): string {
  return `${path}\n`;
}

/** `module build --json`. */
export function builtJson({ path, release, wasThere }: BuiltModule): string {
  return jsonLine({ ...envelope(), path, release, was_there: wasThere });
}

/** One line. */
export function loadedText({ path, wasLoaded }: LoadedModule): string {
  return wasLoaded ? "speed_bump was loaded already\n" : `loaded ${path}\n`;
}

/** `module load --json`. */
export function loadedJson({ path, release, wasLoaded }: LoadedModule): string {
  return jsonLine({ ...envelope(), path, release, was_loaded: wasLoaded });
}

/** One line, which says what went with the module. */
export function unloadedText({ targets }: UnloadedModule): string {
  const went = targets === 0 ? "" : ` with ${targets} ${targets === 1 ? "target" : "targets"}`;
  return `unloaded speed_bump${went}\n`;
}

/** `module unload --json`. */
export function unloadedJson({ targets }: UnloadedModule): string {
  return jsonLine({ ...envelope(), targets });
}

/** A few lines: loaded, built, what hinders. */
export function moduleStatusText(status: ModuleStatus): string {
  const lines = [
    status.loaded
      ? `speed_bump is loaded: version ${status.version ?? "unknown"}, interface ${
        status.abi ?? "unknown"
      }, ` +
        `${status.targets ?? 0} of ${status.maxTargets ?? "?"} targets, ` +
        `${status.enabled ? "enabled" : "disabled (targets without an owner)"}`
      : "speed_bump is not loaded",
  ];
  if (status.loaded && status.version !== status.sourceVersion) {
    lines.push(`sb carries version ${status.sourceVersion}`);
  }
  if (status.path !== null) lines.push(`built for this kernel: ${status.path}`);
  else {
    const against = status.kdir === null ? "the kernel's build tree is not there" : `${status.kdir} is there`;
    lines.push(`not built for this kernel; ${against}`);
  }
  if (!status.loaded && status.obstacle !== null) lines.push(`it cannot be loaded: ${status.obstacle}`);
  return lines.join("\n") + "\n";
}

/** `module status --json`. */
export function moduleStatusJson(status: ModuleStatus): string {
  return jsonLine({
    ...envelope(),
    loaded: status.loaded,
    version: status.version,
    abi: status.abi,
    targets: status.targets,
    enabled: status.enabled,
    max_targets: status.maxTargets,
    source_version: status.sourceVersion,
    path: status.path,
    kdir: status.kdir,
    obstacle: status.obstacle,
  });
}
