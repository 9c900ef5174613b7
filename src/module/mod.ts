/** The kernel modules: built from sb's own sources, loaded, unloaded, looked at. */
export * from "./model.ts";
export { buildModules } from "./build.ts";
export { loadedState, moduleObstacle } from "./kernel.ts";
export { loadModule, unloadModule } from "./load.ts";
export { moduleStatus } from "./status.ts";
export { nameInFile } from "./name_in_file.ts";
