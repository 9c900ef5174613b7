/** What the kernel prints from a moment on: /dev/kmsg (Documentation/ABI/testing/dev-kmsg). */
import { openFd, OpenFlags, type OwnedFd, systemCall } from "../../ffi/mod.ts";

const O_NONBLOCK = 0o4000;
const SEEK_END = 2;
/** The longest record that the kernel hands out. */
const RECORD_BYTES = 8192;

/** The log behind the moment of its opening; empty where it may not be read. */
export class KernelLog implements Disposable {
  readonly #file: OwnedFd | undefined;

  constructor() {
    try {
      this.#file = openFd("/dev/kmsg", OpenFlags.rdonly | O_NONBLOCK);
      systemCall("lseek", this.#file.fd, 0, SEEK_END);
    } catch {
      this.#file = undefined;
    }
  }

  /** The new lines that begin with a name; each once. */
  linesAbout(name: string): string[] {
    if (!this.#file) return [];
    const lines: string[] = [];
    const record = new Uint8Array(RECORD_BYTES);
    for (;;) {
      const length = systemCall("read", this.#file.fd, record, record.length);
      if (length <= 0) return lines;
      const text = new TextDecoder().decode(record.subarray(0, length));
      const message = text.slice(text.indexOf(";") + 1).split("\n")[0];
      if (message.startsWith(`${name}:`)) lines.push(message);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }
}
