/** Loads and unloads a kernel module: finit_module(2), delete_module(2). */
import { cString, Errno, errnoName, errnoText, openFd, systemCall } from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { requireCapabilities } from "../sys/mod.ts";
import { buildModules } from "./build.ts";
import { KernelLog } from "./kernel_log.ts";
import { loadedState, moduleObstacle } from "./kernel.ts";
import type { LoadedModule, LoadedState, LoadOptions, ModuleName, UnloadedModule } from "./model.ts";

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

function requireTakesModules(module: ModuleName): void {
  const obstacle = moduleObstacle();
  if (obstacle === null) return;
  const instead = module === "speed_bump" ? "Use the eBPF backend: --backend=ebpf; see" : "See";
  throw new SbError("module.forbidden", `Cannot load the kernel module: ${obstacle}`, {
    hint: `${instead} what works here: sb doctor`,
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

/** @throws SbError `module.refused` when it was loaded with other parameters than those that are asked for */
function requireSame(loaded: LoadedState, { maxTargets }: LoadOptions): void {
  if (maxTargets === undefined || maxTargets === loaded.maxTargets) return;
  throw new SbError(
    "module.refused",
    `Cannot load the kernel module with max_targets=${maxTargets}: it is loaded, with ${loaded.maxTargets}`,
    {
      hint:
        `Unload it before: sudo sb module unload speed_bump && sudo sb module load speed_bump --max-targets ${maxTargets}`,
    },
  );
}

async function builtPath(module: ModuleName, options: LoadOptions): Promise<string> {
  const built = await buildModules(options);
  return built.find((each) => each.module === module)!.path;
}

/**
 * Loads a module; one that is loaded already is left alone.
 *
 * @throws SbError `module.forbidden`, `module.refused`, `permission.capability`, and what building throws
 */
export async function loadModule(module: ModuleName, options: LoadOptions = {}): Promise<LoadedModule> {
  const release = Deno.osRelease();
  const loaded = loadedState(module);
  if (loaded) {
    requireSame(loaded, options);
    return { module, path: null, release, wasLoaded: true };
  }
  requireTakesModules(module);
  requireCapabilities(["CAP_SYS_MODULE"], { what: "load a kernel module", command: "sb module load" });
  const path = options.file ?? await builtPath(module, options);
  using file = openFd(path);
  using log = new KernelLog();
  const parameters = options.maxTargets === undefined ? "" : `max_targets=${options.maxTargets}`;
  const result = systemCall("finit_module", file.fd, cString(parameters), 0);
  if (result < 0 && result !== -Errno.EEXIST) throw refusedLoad(path, -result, log.linesAbout(module));
  return { module, path, release, wasLoaded: result < 0 };
}

/** What delete_module(2) found in the way. */
const IN_USE: Readonly<Record<ModuleName, string>> = {
  speed_bump: "somebody has a file of it open",
  tracer: "somebody counts",
};

/**
 * Unloads a module: of speed_bump the targets go, and delays in flight end. While somebody has /dev/tracer open, tracer stays.
 *
 * @throws SbError `module.not_loaded`, `module.refused`, `permission.capability`
 */
export function unloadModule(module: ModuleName): UnloadedModule {
  const loaded = loadedState(module);
  if (!loaded) {
    throw new SbError("module.not_loaded", `Cannot unload the kernel module ${module}: it is not loaded`, {
      hint: "See what there is: sb module status",
    });
  }
  requireCapabilities(["CAP_SYS_MODULE"], { what: "unload a kernel module", command: "sb module unload" });
  const result = systemCall("delete_module", cString(module), O_NONBLOCK);
  if (result < 0) {
    const seen = result === -Errno.EAGAIN ? `${IN_USE[module]} (EAGAIN)` : errnoText(-result);
    throw new SbError("module.refused", `Cannot unload the kernel module ${module}: ${seen}`, {
      data: { call: "delete_module", errno: errnoName(-result) },
    });
  }
  return { module, targets: loaded.targets };
}
