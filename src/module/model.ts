/** What the commands about the kernel modules are asked for and what they answer. Types only. */

/** The modules, by their names in the kernel and as files. */
export const MODULE_NAMES = ["speed_bump", "tracer"] as const;

/** A module: `speed_bump` delays, `tracer` counts. */
export type ModuleName = typeof MODULE_NAMES[number];

/** A built module file. */
export interface BuiltModule {
  module: ModuleName;
  /** Path of the .ko file. */
  path: string;
  /** The kernel that it is for: `uname -r` there. */
  release: string;
  /** Whether it was there already, built from these sources. */
  wasThere: boolean;
}

/** How modules are built. */
export interface BuildOptions {
  /** A kernel's build tree; that of the running kernel by default. */
  kdir?: string;
}

/** How a module is loaded. */
export interface LoadOptions extends BuildOptions {
  /** A module file; the one built from sb's own sources by default, built first where it is not there. */
  file?: string;
  /** Of speed_bump: the most targets that may be there at once; the module's default is 4096. */
  maxTargets?: number;
}

/** What loading did. */
export interface LoadedModule {
  module: ModuleName;
  /** The file that was loaded; null when the module was there already. */
  path: string | null;
  release: string;
  /** Whether it was loaded before. */
  wasLoaded: boolean;
}

/** What unloading undid. */
export interface UnloadedModule {
  module: ModuleName;
  /** Targets that were there; null for another module. */
  targets: number | null;
}

/** A module as it is loaded. */
export interface LoadedState {
  /** null when it has none. */
  version: string | null;
  /** Version of its interface; null when the module does not tell it. */
  abi: string | null;
  /** Of speed_bump; null otherwise. */
  targets: number | null;
  enabled: boolean | null;
  maxTargets: number | null;
  /** Of tracer: processes that are counted, by whomever, and how many may be; null otherwise. */
  processes: number | null;
  maxProcesses: number | null;
}

/** A module, and whether it is there. What tells of a loaded one is null when it is not loaded. */
export interface ModuleStatus extends LoadedState {
  module: ModuleName;
  loaded: boolean;
  /** The file built from sb's sources for the running kernel; null when it was not built. */
  path: string | null;
}

/** Whether the modules are there, and what of them. */
export interface ModulesStatus {
  modules: ModuleStatus[];
  /** Version of the sources that sb carries. */
  sourceVersion: string;
  /** Whether the kernel's build tree is there, to build against; its path, or null. */
  kdir: string | null;
  /** Why this kernel takes no module of sb's making, whoever loads it; null when nothing is known to hinder. */
  obstacle: string | null;
}
