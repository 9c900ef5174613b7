/** What the commands about the kernel module are asked for and what they answer. Types only. */

/** The module's name, in the kernel and as a file. */
export type ModuleName = "speed_bump";

/** A built module file. */
export interface BuiltModule {
  /** Path of the .ko file. */
  path: string;
  /** The kernel that it is for: `uname -r` there. */
  release: string;
  /** Whether it was there already, built from these sources. */
  wasThere: boolean;
}

/** How a module is built. */
export interface BuildOptions {
  /** A kernel's build tree; that of the running kernel by default. */
  kdir?: string;
}

/** How the module is loaded. */
export interface LoadOptions extends BuildOptions {
  /** A module file; the one built from sb's own sources by default, built first where it is not there. */
  file?: string;
  /** The most targets that may be there at once; the module's default is 4096. */
  maxTargets?: number;
}

/** What loading did. */
export interface LoadedModule {
  /** The file that was loaded; null when the module was there already. */
  path: string | null;
  release: string;
  /** Whether it was loaded before. */
  wasLoaded: boolean;
}

/** What unloading undid. */
export interface UnloadedModule {
  /** Targets that were there. */
  targets: number;
}

/** Whether the module is there and what of it. */
export interface ModuleStatus {
  loaded: boolean;
  /** Version of the loaded module; null when it is not loaded or has none. */
  version: string | null;
  /** Version of its interface. */
  abi: string | null;
  targets: number | null;
  enabled: boolean | null;
  maxTargets: number | null;
  /** Version of the sources that sb carries. */
  sourceVersion: string;
  /** The file built from them for the running kernel; null when it was not built. */
  path: string | null;
  /** Whether the kernel's build tree is there, to build against; its path, or null. */
  kdir: string | null;
  /** Why this kernel takes no module of sb's making, whoever loads it; null when nothing is known to hinder. */
  obstacle: string | null;
}
