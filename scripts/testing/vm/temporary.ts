/** Temporary folders of the harness, removed in every way of ending but a SIGKILL. */
import { remove } from "./cache.ts";

const folders = new Set<string>();
globalThis.addEventListener("unload", () => folders.forEach(remove));

/** A temporary folder, until it is disposed of. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** @param prefix of its name */
export function temporaryFolder(prefix: string): TemporaryFolder {
  const path = Deno.makeTempDirSync({ prefix });
  folders.add(path);
  return {
    path,
    [Symbol.dispose]() {
      remove(path);
      folders.delete(path);
    },
  };
}

/** Makes SIGINT and SIGTERM end this process as an exit does, with the status that a shell shows for them. */
export function exitOnSignals(): void {
  for (const [name, number] of [["SIGINT", 2], ["SIGTERM", 15]] as const) {
    Deno.addSignalListener(name, () => Deno.exit(128 + number));
  }
}
