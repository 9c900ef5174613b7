/** Files that workers opened, held by the server: each once, for as long as somebody's probes are in it. */
import { SbError } from "../../src/core/mod.ts";
import {
  isSteadyFile,
  openMode,
  type OwnedFd,
  type ProcessHandle,
  readFileIdentity,
} from "../../src/sys/mod.ts";
import type { HeldFile } from "../worker/mod.ts";

/** A file that is held. Disposing gives it back, once. */
export interface FileHold extends Disposable {
  /** Leads to the file itself, whatever comes to be at its path. */
  readonly path: string;
}

interface Entry {
  fd: OwnedFd;
  users: number;
}

/** Major and minor number of the tracer: kmod/tracer. */
const TRACER_DEVICE = 10 << 8 | 42;

/** Takes the tracer over from the worker that opened it. @throws SbError `file.parser` when it is something else */
export function takeTracer(process: ProcessHandle, fd: number): OwnedFd {
  using undo = new DisposableStack();
  const taken = undo.use(process.takeDescriptor(fd, "the tracer"));
  const { isCharDevice, rdev } = Deno.statSync(taken.path);
  if (!isCharDevice || rdev !== TRACER_DEVICE) {
    throw new SbError("file.parser", "Cannot take the tracer over: what a worker opened is something else");
  }
  undo.move();
  return taken;
}

/** The files. */
export class HeldFiles {
  readonly #files = new Map<string, Entry>();

  /**
   * Takes a file over from the worker that opened it: it must be the one that was read, a regular file that is open for
   * reading, since that is what the worker's user may do with it.
   *
   * @param isTrusted whether the file may lie in a file system of its user's making
   * @param pid the process in whose eyes the file was found
   * @throws SbError `file.parser`, `file.unreadable`
   */
  take(
    file: HeldFile,
    { process, isTrusted, pid }: { process: ProcessHandle; isTrusted: boolean; pid: number },
  ): FileHold {
    using undo = new DisposableStack();
    const fd = undo.use(process.takeDescriptor(file.fd, file.path));
    // A file system that its user serves could hold up whoever reads its pages: the kernel, for the server.
    if (!isTrusted && !isSteadyFile(fd, pid)) {
      throw new SbError(
        "file.unreadable",
        `Cannot probe "${file.path}": it lies in a file system of its user's making`,
        { hint: "Copy it to an ordinary file system and run it from there" },
      );
    }
    const seen = readFileIdentity(fd);
    const isSame = seen?.isRegular && seen.device === file.device && String(seen.inode) === file.inode;
    if (!isSame || openMode(fd) !== "read") {
      throw new SbError("file.parser", `Cannot take "${file.path}" over: it is not the file that was read`);
    }
    const key = `${file.device} ${file.inode}`;
    let entry = this.#files.get(key);
    if (entry === undefined) {
      this.#files.set(key, entry = { fd, users: 0 });
      undo.move();
    }
    return this.#hold(key, entry);
  }

  #hold(key: string, entry: Entry): FileHold {
    entry.users++;
    let isHeld = true;
    return {
      path: entry.fd.path,
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        if (--entry.users > 0) return;
        this.#files.delete(key);
        entry.fd[Symbol.dispose]();
      },
    };
  }
}
