/** Where probes that outlive their command live: the folder in the bpf file system, its versions, its lock. */
import { cString, errnoName, openFd, type OwnedFd, StructLayout, systemCall } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import { BPF_ROOT, lockFolder, PINNED_ROOT } from "../../../sys/mod.ts";

/** The version of the layout that this sb reads and writes; it counts up when maps, rows or paths change. */
export const LAYOUT_VERSION = 1;

/** The paths of the layout. */
export const PLACE = {
  root: `${PINNED_ROOT}/v${LAYOUT_VERSION}`,
  maps: `${PINNED_ROOT}/v${LAYOUT_VERSION}/maps`,
  trackers: `${PINNED_ROOT}/v${LAYOUT_VERSION}/trackers`,
  programs: `${PINNED_ROOT}/v${LAYOUT_VERSION}/programs`,
  links: `${PINNED_ROOT}/v${LAYOUT_VERSION}/links`,
} as const;

/** BPF_FS_MAGIC, linux/magic.h. */
const BPF_FS_MAGIC = 0xcafe4a11n;
/** The head of `struct statfs`. */
const STATFS = new StructLayout({ type: "i64" });
const STATFS_BYTES = 120;
function isBpfFs(): boolean {
  try {
    using folder = openFd(BPF_ROOT);
    const status = new Uint8Array(STATFS_BYTES);
    if (systemCall("fstatfs", folder.fd, status) < 0) return false;
    return BigInt.asUintN(32, STATFS.read(new DataView(status.buffer)).type) === BPF_FS_MAGIC;
  } catch (error) {
    if (error instanceof SbError) return false;
    throw error;
  }
}

/** Mounts the bpf file system where it is missing, as bpftool does; it stays. @throws SbError `backend.unavailable` */
export function mountBpfFs(): void {
  if (isBpfFs()) return;
  const result = systemCall(
    "mount",
    cString("bpf"),
    cString(BPF_ROOT),
    cString("bpf"),
    0,
    cString("mode=0700"),
  );
  if (result === 0) return;
  throw new SbError(
    "backend.unavailable",
    `Cannot keep eBPF probes: no bpf file system is mounted at ${BPF_ROOT}, and mounting one failed`,
    {
      hint: `Mount it: sudo mount -t bpf bpf ${BPF_ROOT}`,
      data: { errno: errnoName(-result) },
    },
  );
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Refuses what another version of sb has pinned. @throws SbError `probe.layout` */
export function refuseOtherLayouts(): void {
  const other = namesIn(PINNED_ROOT).find((name) => name !== `v${LAYOUT_VERSION}`);
  if (other !== undefined) throw layoutError(`${PINNED_ROOT}/${other} was made by another version`);
}

/** The refusal of pins that this sb does not understand. @param seen what is wrong */
export function layoutError(seen: string): SbError {
  return new SbError("probe.layout", `Cannot use the pinned probes: ${seen}`, {
    hint: "Take them out: sudo sb clear --all",
  });
}

/** The names of the pins in a folder. */
export function pinsIn(folder: string): string[] {
  return namesIn(folder);
}

/** Takes a pin away; the object goes when nobody else holds it. One that is gone is no error. */
export function unpin(path: string): void {
  removeIfThere(path);
}

/** Takes everything below the folder away, whichever version made it, and the folder. */
export function removePins(folder: string = PINNED_ROOT): void {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const { name, isDirectory } of entries) {
    if (isDirectory) removePins(`${folder}/${name}`);
    else removeIfThere(`${folder}/${name}`);
  }
  removeIfThere(folder);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Waits for the lock that every command holds while it looks at or changes the pins. It is on the file system's own
 * root, which nobody removes.
 *
 * @throws SbError `probe.busy`
 */
export function lockPins(): Promise<OwnedFd> {
  return lockFolder(BPF_ROOT);
}
