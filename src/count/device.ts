/** /dev/tracer as calls: the real one, which is a descriptor, or another that stands for it. */
import {
  addressOf,
  blockingSystemCall,
  cString,
  Errno,
  errnoText,
  OpenFlags,
  OwnedFd,
  systemCall,
  systemError,
} from "../../ffi/mod.ts";
import { SbError } from "../core/mod.ts";
import { READ, Request } from "./interface.ts";

/** Where the module is reached. */
export const TRACER_PATH = "/dev/tracer";

/** The device, opened. Disposing closes it: what it watches is forgotten. */
export interface TracerDevice extends Disposable, AsyncDisposable {
  /** ioctl(2) with a process id. @returns its result, or −errno */
  call(request: number, pid: number): number;
  /** The same on another thread: the first process to be watched makes the kernel patch functions, which waits for grace periods. */
  callInBackground(request: number, pid: number): Promise<number>;
  /**
   * TRACER_READ.
   *
   * @param head a struct tracer_read but for the address of its rows, written back
   * @param rows where the rows go
   * @returns its result, or −errno
   */
  read(head: Uint8Array<ArrayBuffer>, rows: Uint8Array<ArrayBuffer>): number;
}

class OpenedTracer implements TracerDevice {
  readonly #fd: OwnedFd;

  constructor(fd: OwnedFd) {
    this.#fd = fd;
  }

  call(request: number, pid: number): number {
    return systemCall("ioctl", this.#fd.fd, request, pid);
  }

  async callInBackground(request: number, pid: number): Promise<number> {
    const result = await blockingSystemCall("ioctl", this.#fd.fd, request, pid);
    // It failed, with an errno that only this thread can learn.
    return result < 0 ? this.call(request, pid) : result;
  }

  read(head: Uint8Array<ArrayBuffer>, rows: Uint8Array<ArrayBuffer>): number {
    READ.write(new DataView(head.buffer, head.byteOffset), 0, { rows: addressOf(rows) });
    return systemCall("ioctl", this.#fd.fd, Request.read, head);
  }

  [Symbol.dispose](): void {
    this.#fd[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fd.closeInBackground();
  }
}

/** What a missing module means, for who counts. */
export function tracerNotLoaded(): SbError {
  return new SbError(
    "module.not_loaded",
    "Cannot count kernel operations: the kernel module tracer is not loaded",
    { hint: "Load it: sudo sb module load tracer" },
  );
}

/** Takes over a descriptor of the device. */
export function tracerOf(fd: OwnedFd): TracerDevice {
  return new OpenedTracer(fd);
}

/** Opens the device. @throws SbError `module.not_loaded`, `file.unreadable`, `kernel.refused` */
export function openTracer(): TracerDevice {
  return tracerOf(openTracerFile());
}

/** The same, as a descriptor: what it may watch is what who opened it may. @throws SbError as {@linkcode openTracer} */
export function openTracerFile(): OwnedFd {
  const fd = systemCall("openat", -100, cString(TRACER_PATH), OpenFlags.rdonly | OpenFlags.cloexec, 0);
  if (fd >= 0) return new OwnedFd(fd, TRACER_PATH);
  switch (-fd) {
    case Errno.ENOENT:
    case Errno.ENXIO:
    case Errno.ENODEV:
      throw tracerNotLoaded();
    case Errno.EACCES:
    case Errno.EPERM:
      throw new SbError(
        "file.unreadable",
        `Cannot count kernel operations: "${TRACER_PATH}" cannot be opened: ${errnoText(-fd)}`,
        { hint: "Run sudo sb count …" },
      );
  }
  throw systemError("openat", -fd, `open "${TRACER_PATH}"`);
}
