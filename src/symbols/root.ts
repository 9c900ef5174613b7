/** The file system as a process sees it: paths resolved inside its root, so that no link leads out of it. */
import { SbError } from "../core/mod.ts";
import { cString, OpenFlags, OwnedFd, StructLayout, systemCall } from "../../ffi/mod.ts";
import type { LookupContext } from "./model.ts";

/** struct open_how, linux/openat2.h. */
const OPEN_HOW = new StructLayout({ flags: "u64", mode: "u64", resolve: "u64" });
const RESOLVE_IN_ROOT = 0x10n;

/** A root directory; its own descriptor is closed with it. */
export class Root implements Disposable {
  /** The working directory that relative paths start from, seen from the root. */
  readonly cwd: string;
  readonly #pid: number | null;
  /** The process in whose eyes paths are looked at. */
  readonly #viewer: number | null;
  readonly #fd: OwnedFd | null;
  /** What the kernel writes before a path of this root; empty unless it is a chroot. */
  readonly #prefix: string;

  /** @param pid the process whose root it is; null for sb's own */
  constructor(pid: number | null, cwd?: string) {
    this.#pid = pid === null || sharesRoot(pid) ? null : pid;
    this.#viewer = pid;
    if (this.#pid === null) {
      this.#fd = null;
      this.#prefix = "";
      this.cwd = cwd ?? (pid === null ? Deno.cwd() : readLink(`/proc/${pid}/cwd`) ?? "/");
      return;
    }
    const fd = systemCall(
      "openat",
      -100,
      cString(`/proc/${pid}/root`),
      OpenFlags.path | OpenFlags.cloexec,
      0,
    );
    if (fd < 0) {
      throw new SbError(
        "process.not_found",
        `Cannot look into the root of process ${pid}: it cannot be opened`,
      );
    }
    this.#fd = new OwnedFd(fd, `/proc/${pid}/root`);
    const link = readLink(`/proc/${pid}/root`) ?? "/";
    this.#prefix = link === "/" ? "" : link;
    this.cwd = cwd ?? this.inside(readLink(`/proc/${pid}/cwd`) ?? "/");
  }

  /** Where the root is for sb: empty for its own. */
  get hostPrefix(): string {
    return this.#pid === null ? "" : `/proc/${this.#pid}/root`;
  }

  /** Opens a path as O_PATH, which has no effect on a device or FIFO. @returns null when there is nothing */
  open(path: string): OwnedFd | null {
    const absolute = this.#seen(path.startsWith("/") ? path : `${this.cwd}/${path}`);
    const flags = OpenFlags.path | OpenFlags.cloexec;
    let fd: number;
    if (this.#fd === null) fd = systemCall("openat", -100, cString(absolute), flags, 0);
    else {
      const how = OPEN_HOW.encode({ flags: BigInt(flags), resolve: RESOLVE_IN_ROOT });
      fd = systemCall("openat2", this.#fd.fd, cString(absolute), how, how.length);
    }
    return fd < 0 ? null : new OwnedFd(fd, absolute);
  }

  /** /proc/self is the process itself, not sb. */
  #seen(path: string): string {
    return this.#viewer === null
      ? path
      : path.replace(/^\/proc\/(thread-)?self(?=\/|$)/, `/proc/${this.#viewer}`);
  }

  /** The path of an open file inside this root, links resolved. */
  pathOf(fd: OwnedFd): string {
    return this.inside((readLink(fd.path) ?? "").replace(/ \(deleted\)$/, ""));
  }

  /** A path of this root as the kernel writes it for sb (in /proc/PID/maps, say), as the root's processes know it. */
  inside(path: string): string {
    return this.#prefix !== "" && path.startsWith(`${this.#prefix}/`)
      ? path.slice(this.#prefix.length)
      : path;
  }

  exists(path: string, options: { fileOnly?: boolean } = {}): boolean {
    using fd = this.open(path);
    return fd !== null && (!options.fileOnly || Deno.statSync(fd.path).isFile);
  }

  /** The path with its links resolved; null when there is nothing. */
  resolve(path: string): string | null {
    using fd = this.open(path);
    return fd && this.pathOf(fd);
  }

  /** The bytes of a regular file, at most `maxBytes`; null when it cannot be read. */
  read(path: string, maxBytes: number): Uint8Array<ArrayBuffer> | null {
    using fd = this.open(path);
    return fd && readHead(fd, maxBytes);
  }

  [Symbol.dispose](): void {
    this.#fd?.[Symbol.dispose]();
  }
}

/** The first bytes of a regular file that is open as O_PATH, at most `maxBytes`; null when it cannot be read. */
export function readHead(fd: OwnedFd, maxBytes: number): Uint8Array<ArrayBuffer> | null {
  try {
    const stat = Deno.statSync(fd.path);
    if (!stat.isFile) return null;
    using file = Deno.openSync(fd.path);
    const bytes = new Uint8Array(Math.min(stat.size, maxBytes));
    let length = 0;
    for (let got = 1; length < bytes.length && got > 0; length += got) {
      got = file.readSync(bytes.subarray(length)) ?? 0;
    }
    return bytes.slice(0, length);
  } catch {
    return null;
  }
}

/** The root that the context's paths are in. @throws SbError `process.not_found` */
export function rootOf(context: LookupContext): Root {
  return new Root(context.pid ?? null, context.cwd);
}

function readLink(path: string): string | null {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return null;
  }
}

/** sb never moves. */
let own: { mounts: string | null; root: string | null } | undefined;

function sharesRoot(pid: number): boolean {
  own ??= { mounts: readLink("/proc/self/ns/mnt"), root: readLink("/proc/self/root") };
  return readLink(`/proc/${pid}/ns/mnt`) === own.mounts && readLink(`/proc/${pid}/root`) === own.root;
}
