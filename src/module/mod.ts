/** The kernel module: built from sb's own sources, loaded, unloaded, looked at. */
export type * from "./model.ts";
export { buildModule } from "./build.ts";
export { type LoadedState, loadedState, moduleObstacle } from "./kernel.ts";
export { loadModule, unloadModule } from "./load.ts";
export { moduleStatus } from "./status.ts";
