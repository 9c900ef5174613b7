/** Loads and unloads the kernel module: finit_module(2), delete_module(2). */
import { cString, Errno, errnoName, errnoText, openFd, systemCall } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { requireCapabilities } from "../sys/mod.ts";
import { buildModule } from "./build.ts";
import { KernelLog } from "./kernel_log.ts";
import { loadedState, moduleObstacle } from "./kernel.ts";
import type { LoadedModule, LoadOptions, UnloadedModule } from "./model.ts";

const NAME = "speed_bump";
/** delete_module(2): do not wait for users. */
const O_NONBLOCK = 0o4000;

/** What an errno of finit_module(2) means. */
const SEEN: Readonly<Record<string, string>> = {
  ENOEXEC: "it is no module of this kernel",
  ENOENT: "the kernel lacks something that it uses",
  EINVAL: "the kernel takes it for damaged, or a parameter is out of range",
  EKEYREJECTED: "its signature is not of a key that the kernel knows",
  ENOKEY: "the kernel takes only modules signed by its own keys",
  EPERM: "the kernel does not permit it",
};
const FORBIDDEN = ["EKEYREJECTED", "ENOKEY", "EPERM"];

function requireTakesModules(): void {
  const obstacle = moduleObstacle();
  if (obstacle === null) return;
  throw new SbError("module.forbidden", `Cannot load the kernel module: ${obstacle}`, {
    hint: "Use the eBPF backend: --backend=ebpf; see what works here: sb doctor",
  });
}

/** The error of finit_module(2). @param errno a positive error number @param log what the kernel printed meanwhile */
export function refusedLoad(path: string, errno: number, log: readonly string[]): SbError {
  const name = errnoName(errno);
  const said = log.length > 0 ? `; the kernel says: ${log.at(-1)}` : "";
  return new SbError(
    FORBIDDEN.includes(name) ? "module.forbidden" : "module.refused",
    `Cannot load "${path}": ${SEEN[name] ? `${SEEN[name]} (${name})` : errnoText(errno)}${said}`,
    {
      ...(name === "ENOEXEC" ? { hint: "Build it for this kernel: sudo sb module load" } : {}),
      data: { call: "finit_module", errno: name, log },
    },
  );
}

/**
 * Loads the module; one that is loaded already is left alone.
 *
 * @throws SbError `module.forbidden`, `module.refused`, `permission.capability`, and what building throws
 */
export async function loadModule(options: LoadOptions = {}): Promise<LoadedModule> {
  const release = Deno.osRelease();
  const loaded = loadedState();
  if (loaded) {
    if (options.maxTargets === undefined || options.maxTargets === loaded.maxTargets) {
      return { path: null, release, wasLoaded: true };
    }
    throw new SbError(
      "module.refused",
      `Cannot load the kernel module with max_targets=${options.maxTargets}: it is loaded, with ${loaded.maxTargets}`,
      {
        hint:
          `Unload it before: sudo sb module unload && sudo sb module load --max-targets ${options.maxTargets}`,
      },
    );
  }
  requireTakesModules();
  requireCapabilities(["CAP_SYS_MODULE"], { what: "load a kernel module", command: "sb module load" });
  const path = options.file ?? (await buildModule(options)).path;
  using file = openFd(path);
  using log = new KernelLog();
  const parameters = options.maxTargets === undefined ? "" : `max_targets=${options.maxTargets}`;
  const result = systemCall("finit_module", file.fd, cString(parameters), 0);
  if (result < 0 && result !== -Errno.EEXIST) throw refusedLoad(path, -result, log.linesAbout(NAME));
  return { path, release, wasLoaded: result < 0 };
}

/**
 * Unloads the module: its targets go, delays in flight end.
 *
 * @throws SbError `module.not_loaded`, `module.refused`, `permission.capability`
 */
export function unloadModule(): UnloadedModule {
  const loaded = loadedState();
  if (!loaded) {
    throw new SbError("module.not_loaded", "Cannot unload the kernel module: it is not loaded", {
      hint: "See what there is: sb module status",
    });
  }
  requireCapabilities(["CAP_SYS_MODULE"], { what: "unload a kernel module", command: "sb module unload" });
  const result = systemCall("delete_module", cString(NAME), O_NONBLOCK);
  if (result < 0) {
    throw new SbError("module.refused", `Cannot unload the kernel module: ${errnoText(-result)}`, {
      data: { call: "delete_module", errno: errnoName(-result) },
    });
  }
  return { targets: loaded.targets ?? 0 };
}
