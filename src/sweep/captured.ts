/** What a command writes, kept in a file without a name: of any length, and gone with this process. */
import { openFd, OpenFlags, type OwnedFd } from "../../ffi/mod.ts";

const O_APPEND = 0o2000; // asm-generic/fcntl.h

/** How much of it is ever read into memory: the end. */
const MOST_BYTES = 16 * 2 ** 20;

/** A place that a command's output goes to, run after run. */
export class CapturedOutput implements Disposable {
  readonly #forCommand: OwnedFd;
  readonly #file: Deno.FsFile;

  constructor() {
    using undo = new DisposableStack();
    const path = Deno.makeTempFileSync({ prefix: "sb_output_" });
    undo.defer(() => Deno.removeSync(path));
    // Whoever writes writes to the end: several processes of a command, and those that an earlier run left behind.
    this.#forCommand = openFd(path, OpenFlags.wronly | O_APPEND);
    this.#file = Deno.openSync(path, { read: true, write: true });
  }

  /** What the command gets as its descriptor. */
  get fd(): number {
    return this.#forCommand.fd;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#file.truncateSync(0);
  }

  /** The last bytes as text. @param mostBytes 16 MiB at the most */
  readEnd(mostBytes = MOST_BYTES): string {
    const { size } = this.#file.statSync();
    this.#file.seekSync(Math.max(0, size - mostBytes), Deno.SeekMode.Start);
    const bytes = new Uint8Array(Math.min(size, mostBytes));
    let filled = 0;
    while (filled < bytes.length) {
      const read = this.#file.readSync(bytes.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return new TextDecoder().decode(bytes.subarray(0, filled));
  }

  /** All of it, piece by piece. */
  *pieces(): Generator<Uint8Array<ArrayBuffer>, void> {
    this.#file.seekSync(0, Deno.SeekMode.Start);
    const bytes = new Uint8Array(65_536);
    for (let read = this.#file.readSync(bytes); read !== null; read = this.#file.readSync(bytes)) {
      yield bytes.slice(0, read);
    }
  }

  [Symbol.dispose](): void {
    this.#forCommand[Symbol.dispose]();
    this.#file.close();
  }
}
