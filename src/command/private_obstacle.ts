/** Whether a command can be given a private copy of a file, and under which names it must see the copy. */
import type { TargetFile } from "../symbols/mod.ts";
import { missingCapabilities, readFileStatus } from "../sys/mod.ts";

/** What is needed of a {@linkcode TargetFile} here. */
export type PrivateFileSource = Pick<
  TargetFile,
  "path" | "openPath" | "device" | "inode" | "sizeBytes" | "modifiedNs"
>;

/**
 * All paths of the file, when its other hard links stand in the same folder; null when some are elsewhere.
 *
 * @param links how many there are
 */
function linkPaths(file: PrivateFileSource, links: number): string[] | null {
  if (links === 1) return [file.path];
  const folder = file.path.slice(0, file.path.lastIndexOf("/") + 1);
  const paths = [file.path];
  for (const entry of Deno.readDirSync(folder)) {
    const path = folder + entry.name;
    if (!entry.isFile || path === file.path) continue;
    const { dev, ino } = Deno.lstatSync(path);
    if (dev === file.device && BigInt(ino ?? 0) === file.inode) paths.push(path);
  }
  return paths.length === links ? paths : null;
}

function isAt(path: string, file: PrivateFileSource): boolean {
  try {
    const { dev, ino } = Deno.statSync(path);
    return dev === file.device && BigInt(ino ?? 0) === file.inode;
  } catch {
    return false;
  }
}

/** The paths that must show the copy, or why there can be none. */
export function planPrivateFile(
  file: PrivateFileSource,
): { paths: string[]; obstacle: null } | { paths: null; obstacle: string } {
  const none = (obstacle: string) => ({ paths: null, obstacle });
  const missing = missingCapabilities(["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]);
  if (missing.length > 0) return none(`the capability ${missing[0]} is missing`);
  if (file.path.startsWith("/proc/")) return none("the file is in /proc");
  if (!file.path.startsWith("/")) return none("the file has no path of its own");
  if (!isAt(file.path, file)) return none("the command would find another file at its path");
  const status = readFileStatus(file.path);
  if (status === null) return none("its links cannot be counted");
  const { isMountRoot, links } = status;
  if (isMountRoot) return none("its path is a mount point: the file has other paths");
  if (links === 0) return none("the file has no path of its own");
  const paths = linkPaths(file, links);
  return paths
    ? { paths, obstacle: null }
    : none(`it has ${links - 1} other hard links, some in other folders`);
}

/** Why a command cannot be given a private copy of the file; null when it can. */
export function privateFileObstacle(file: PrivateFileSource): string | null {
  return planPrivateFile(file).obstacle;
}

/**
 * Whether the path shows another file by now, or the file was written to. A run goes on; later execs may be unprobed.
 * Breakpoints do not count: the kernel puts them into pages of the processes, never into the file.
 */
export function fileReplaced(file: PrivateFileSource): boolean {
  const status = readFileStatus(file.openPath);
  return status === null || !isAt(file.openPath, file) || status.sizeBytes !== file.sizeBytes ||
    status.modifiedNs !== file.modifiedNs;
}
