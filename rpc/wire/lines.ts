/** Bytes to lines: a stream cut anywhere gives the same lines. */
import { LINE_BYTES } from "./limits.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Splits a stream of bytes at LF or CRLF. What follows the last line end is kept for the next chunk. */
export class LineSplitter {
  readonly #capBytes: number;
  /** The pieces of the line that has not ended yet. */
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #isOverlong = false;

  /** @param capBytes the longest line without its end */
  constructor(capBytes: number = LINE_BYTES) {
    this.#capBytes = capBytes;
  }

  /** Whether a line was longer than the cap. Nothing after it is read: the stream cannot be trusted any more. */
  get isOverlong(): boolean {
    return this.#isOverlong;
  }

  /** Bytes of a line that has not ended. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * The lines that end in `chunk`, without their ends. A line within the chunk is a view of it: use it before the
   * chunk's memory is used again.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const lines: Uint8Array[] = [];
    let start = 0;
    while (!this.#isOverlong) {
      const end = chunk.indexOf(LF, start);
      if (end < 0) break;
      this.#end(chunk.subarray(start, end), lines);
      start = end + 1;
    }
    if (!this.#isOverlong && start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  #end(last: Uint8Array, lines: Uint8Array[]): void {
    const line = this.#pieces.length === 0 ? last : this.#join(last);
    const length = line.length > 0 && line[line.length - 1] === CR ? line.length - 1 : line.length;
    if (length > this.#capBytes) this.#isOverlong = true;
    else lines.push(line.subarray(0, length));
  }

  #join(last: Uint8Array): Uint8Array {
    const line = new Uint8Array(this.#pendingBytes + last.length);
    let at = 0;
    for (const piece of this.#pieces) {
      line.set(piece, at);
      at += piece.length;
    }
    line.set(last, at);
    this.#forget();
    return line;
  }

  #keep(rest: Uint8Array): void {
    this.#pendingBytes += rest.length;
    // One byte more may be the CR of a line that is just short enough.
    if (this.#pendingBytes > this.#capBytes + 1) {
      this.#isOverlong = true;
      this.#forget();
      return;
    }
    const open = this.#pieces.at(-1);
    // A peer that sends byte by byte shall not cost an object a byte.
    if (open !== undefined && open.length < SMALL_PIECE && rest.length < SMALL_PIECE) {
      const joined = new Uint8Array(open.length + rest.length);
      joined.set(open);
      joined.set(rest, open.length);
      this.#pieces[this.#pieces.length - 1] = joined;
    } else this.#pieces.push(rest.slice());
  }

  #forget(): void {
    this.#pieces = [];
    this.#pendingBytes = 0;
  }
}

/** Pieces below this many bytes are joined as they come. */
const SMALL_PIECE = 4096;
