/** The standard streams of a command, where they are not those of sb. */
import { checkedSystemCall, type ChildCall, OwnedFd } from "../../ffi/mod.ts";

/** Open descriptors of sb in the places of the standard streams. */
export interface StandardStreams {
  stdin?: number;
  stdout?: number;
  stderr?: number;
}

const NAMES = ["stdin", "stdout", "stderr"] as const;
const F_DUPFD_CLOEXEC = 1030;

/** What a command's process needs to take its streams. Disposed of when it has them. */
export class StreamCalls implements Disposable {
  readonly calls: ChildCall[] = [];
  /** Descriptors that the process must have for the calls. */
  readonly descriptors: number[] = [];
  /** The streams that are replaced, by their numbers. */
  readonly replaced: number[] = [];
  readonly #owned = new DisposableStack();

  /** @throws SbError `kernel.refused` for a descriptor that is not open */
  constructor(streams: StandardStreams) {
    for (const [place, name] of NAMES.entries()) {
      const fd = streams[name];
      if (fd === undefined || fd === place) continue;
      const source = fd < NAMES.length ? this.#aside(fd, name) : fd;
      this.calls.push({ call: "dup3", args: [source, place, 0] });
      this.descriptors.push(source);
      this.replaced.push(place);
    }
  }

  /** A copy of a standard stream of sb, which the process may have replaced before it needs it. */
  #aside(fd: number, name: string): number {
    try {
      const copy = checkedSystemCall(
        `use descriptor ${fd} as ${name}`,
        "fcntl",
        fd,
        F_DUPFD_CLOEXEC,
        NAMES.length,
      );
      return this.#owned.use(new OwnedFd(copy, name)).fd;
    } catch (error) {
      this.#owned.dispose();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
