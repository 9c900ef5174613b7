/**
 * Private files: a mount namespace in which chosen paths show copies of their files, read-only. Only a command
 * started in it maps the copies, so a probe on a copy costs nobody else anything. The namespace hangs on
 * descriptors alone: when sb and the command have ended, in whatever way, nothing is left.
 */
import {
  type ChildCall,
  cString,
  errnoText,
  failedCall,
  openFd,
  OpenFlags,
  type OwnedFd,
  runLauncher,
  systemCall,
} from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { copyFileTo, openDetachedTmpfs } from "./private_copy.ts";
import { planPrivateFile, type PrivateFileSource } from "./private_obstacle.ts";

/** A file and its copy. */
export interface PrivateFile {
  /** The file, as the command knows it. */
  path: string;
  /** A path at which this process reaches the copy: what a probe is attached to. */
  copyPath: string;
  /** Of the copy. */
  device: number;
  inode: bigint;
}

const CLONE_NEWNS = 0x20000;
const AT_FDCWD = -100;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const MNT_DETACH = 2;
/** linux/mount.h */
const MS = { rdonly: 1, remount: 32, bind: 4096, rec: 16384, slave: 1 << 19 } as const;
/** Flags of a mount that a bind over it keeps: nosuid, nodev, noexec; statfs(2) and mount(2) agree on them. */
const KEPT_FLAGS = 2 | 4 | 8;
const STATFS_BYTES = 120;
const STATFS_FLAGS_OFFSET = 80;
/** Folders one of which holds the file system for the moment in which its files are bound. */
const STAGES = ["/tmp", "/mnt", "/run", "/var", "/srv", "/opt", "/home", "/root", "/sys", "/dev"];

function mountFlags(path: string): number {
  using file = openFd(path, OpenFlags.path);
  const bytes = new Uint8Array(STATFS_BYTES);
  if (systemCall("fstatfs", file.fd, bytes) < 0) return 0;
  return new DataView(bytes.buffer).getUint32(STATFS_FLAGS_OFFSET, true) & KEPT_FLAGS;
}

function stageFolder(paths: readonly string[]): string {
  const stage = STAGES.find((folder) => {
    if (paths.some((path) => path.startsWith(`${folder}/`))) return false;
    try {
      return Deno.lstatSync(folder).isDirectory;
    } catch {
      return false;
    }
  });
  if (stage !== undefined) return stage;
  throw new SbError(
    "isolation.unavailable",
    "Cannot make private files: no folder can hold them for a moment",
    {
      hint: "Use --isolation per-process",
    },
  );
}

/** The calls that build the namespace, in a process of its own. */
function namespaceCalls(mount: OwnedFd, copies: readonly { fd: OwnedFd; paths: string[] }[]): ChildCall[] {
  const stage = cString(stageFolder(copies.flatMap(({ paths }) => paths)));
  const calls: ChildCall[] = [
    { call: "unshare", args: [CLONE_NEWNS] },
    // Slaves: what is mounted outside later still appears inside, and nothing from inside appears outside.
    { call: "mount", args: [null, cString("/"), null, MS.rec | MS.slave, null] },
    { call: "move_mount", args: [mount.fd, cString(""), AT_FDCWD, stage, MOVE_MOUNT_F_EMPTY_PATH] },
  ];
  for (const { fd, paths } of copies) {
    for (const path of paths) {
      const target = cString(path);
      const flags = MS.remount | MS.bind | MS.rdonly | mountFlags(path);
      calls.push({ call: "mount", args: [cString(fd.path), target, null, MS.bind, null] });
      calls.push({ call: "mount", args: [null, target, null, flags, null] });
    }
  }
  calls.push({ call: "umount2", args: [stage, MNT_DETACH] });
  return calls;
}

/** A mount namespace with private copies of files, owned; any number of commands may be started in it. */
export class PrivateFiles implements Disposable {
  readonly files: readonly PrivateFile[];
  readonly #namespace: OwnedFd;
  readonly #root: OwnedFd;
  readonly #folder: OwnedFd;
  readonly #owned: DisposableStack;

  /** @internal use {@linkcode openPrivateFiles} */
  constructor(files: readonly PrivateFile[], pid: number, owned: DisposableStack) {
    this.files = files;
    this.#namespace = owned.use(openFd(`/proc/${pid}/ns/mnt`));
    this.#root = owned.use(openFd(`/proc/${pid}/root`, OpenFlags.path));
    this.#folder = owned.use(openFd(`/proc/${pid}/cwd`, OpenFlags.path));
    this.#owned = owned;
  }

  /** Descriptors that {@linkcode enterCalls} use. */
  get descriptors(): number[] {
    return [this.#namespace.fd, this.#root.fd, this.#folder.fd];
  }

  /** The calls by which a process enters the namespace, with root and working directory kept. */
  enterCalls(): ChildCall[] {
    return [
      { call: "setns", args: [this.#namespace.fd, CLONE_NEWNS] },
      { call: "fchdir", args: [this.#root.fd] },
      { call: "chroot", args: [cString(".")] },
      // Through a descriptor of the namespace's own: one from outside would lead to the original files.
      { call: "fchdir", args: [this.#folder.fd] },
    ];
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}

/**
 * Makes private copies of files and a mount namespace that shows them in the files' places. This process and
 * its threads stay where they are.
 *
 * @throws SbError `isolation.unavailable` when a file has an obstacle or the kernel refuses a step
 */
export function openPrivateFiles(files: readonly PrivateFileSource[]): PrivateFiles {
  const plans = files.map((file) => {
    const { paths, obstacle } = planPrivateFile(file);
    if (paths !== null) return { file, paths };
    throw new SbError("isolation.unavailable", `Cannot make a private copy of "${file.path}": ${obstacle}`, {
      hint: "Use --isolation per-process or --isolation shared",
      data: { path: file.path, obstacle },
    });
  });
  using stack = new DisposableStack();
  try {
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const copies: { fd: OwnedFd; paths: string[] }[] = [];
    const mount = openDetachedTmpfs(sizeBytes, files.length);
    const owned = stack.use(new DisposableStack());
    try {
      for (const [index, { file, paths }] of plans.entries()) {
        copies.push({
          fd: owned.use(copyFileTo(mount, { from: file.openPath, name: String(index) })),
          paths,
        });
      }
      const privateFiles = copies.map(({ fd }, index): PrivateFile => {
        const { dev, ino } = Deno.statSync(fd.path);
        return { path: files[index].path, copyPath: fd.path, device: dev, inode: BigInt(ino ?? 0) };
      });
      const calls = namespaceCalls(mount, copies);
      let made: PrivateFiles | undefined;
      const results = runLauncher(calls, {
        descriptors: [mount.fd, ...copies.map(({ fd }) => fd.fd)],
        whilePaused: (pid) => made = new PrivateFiles(privateFiles, pid, owned),
      });
      if (made) {
        stack.move();
        return made;
      }
      const failed = failedCall(calls, results);
      throw new SbError(
        "kernel.refused",
        `Cannot ${failed?.call.call ?? "finish"}: ${errnoText(failed?.errno ?? 0)}`,
      );
    } finally {
      mount[Symbol.dispose]();
    }
  } catch (error) {
    if (!(error instanceof SbError) || error.code !== "kernel.refused") throw error;
    throw new SbError(
      "isolation.unavailable",
      `Cannot make private files: ${error.message.replace(/^Cannot /, "could not ")}`,
      { hint: "Use --isolation per-process or --isolation shared", data: error.data, cause: error },
    );
  }
}
