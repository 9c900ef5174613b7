/** The files that a process has mapped, those that were deleted or replaced meanwhile among them. */
import { readProcessMappings } from "../sys/mod.ts";
import type { LoadedLibrary } from "./libraries.ts";
import type { Root } from "./root.ts";

const DELETED = / \(deleted\)$/;

/**
 * The mapped files by their paths inside the root, each once. Of a deleted one `openPath` leads through
 * /proc/PID/map_files (proc(5): it needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE).
 *
 * @throws SbError `process.not_found`
 */
export function mappedFiles(pid: number, root: Root): LoadedLibrary[] {
  const found = new Map<string, LoadedLibrary>();
  for (const { start, end, device, inode, path } of readProcessMappings(pid)) {
    const file = `${device} ${inode}`;
    if (inode === 0n || !path.startsWith("/") || found.has(file)) continue;
    const known = root.inside(path.replace(DELETED, ""));
    const library: LoadedLibrary = { name: known.slice(known.lastIndexOf("/") + 1), path: known };
    if (DELETED.test(path)) {
      library.openPath = `/proc/${pid}/map_files/${start.toString(16)}-${end.toString(16)}`;
    }
    found.set(file, library);
  }
  return [...found.values()];
}
