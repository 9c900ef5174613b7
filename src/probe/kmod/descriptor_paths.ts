/** Files by descriptor: the module takes no path with spaces, and none that another root hides. */
import { openFd, OpenFlags, type OwnedFd } from "../../../ffi/mod.ts";

/** Files that are open while commands name them. */
export class DescriptorPaths implements Disposable {
  readonly #files = new Map<string, OwnedFd>();

  /** The path to write for a file; the module's list has the file's own. */
  pathOf(path: string): string {
    const file = this.#files.get(path) ?? openFd(path, OpenFlags.path);
    this.#files.set(path, file);
    return file.path;
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file[Symbol.dispose]();
  }
}
