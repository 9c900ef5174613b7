/** Streams that take text: whole writes, quiet once nobody reads any more. */
import { SbError, systemMessage } from "../../core/mod.ts";

/** A place that takes text. Disposing closes what it opened. */
export interface Sink extends Disposable {
  /** Writes all of it. @returns false once nobody reads any more */
  write(text: string): boolean;
  /** Writes all of these bytes of UTF-8. @returns false once nobody reads any more */
  writeBytes(bytes: Uint8Array): boolean;
  /** Whether a person reads it. */
  readonly terminal: boolean;
}

/** What a sink writes to: Deno's streams and files, or a descriptor. */
export type Writer = { writeSync(bytes: Uint8Array): number; isTerminal(): boolean };

/** A sink over a writer. */
export class StreamSink implements Sink {
  readonly #writer: Writer;
  readonly #name: string;
  readonly #close: () => void;
  #open = true;

  constructor(writer: Writer, options: { name: string; close?: () => void }) {
    this.#writer = writer;
    this.#name = options.name;
    this.#close = options.close ?? (() => {});
  }

  get terminal(): boolean {
    return this.#writer.isTerminal();
  }

  write(text: string): boolean {
    return this.writeBytes(new TextEncoder().encode(text));
  }

  writeBytes(bytes: Uint8Array): boolean {
    while (this.#open && bytes.length > 0) {
      try {
        bytes = bytes.subarray(this.#writer.writeSync(bytes));
      } catch (error) {
        if (error instanceof Deno.errors.BrokenPipe) this.#open = false;
        else if (error instanceof Deno.errors.WouldBlock) Atomics.wait(waitCell, 0, 0, 1);
        else throw unwritable(this.#name, error);
      }
    }
    return this.#open;
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

/** Never notified: waiting on it is a sleep, for descriptors that somebody set to non-blocking. */
const waitCell = new Int32Array(new SharedArrayBuffer(4));

/** The error of a place that cannot be written. */
export function unwritable(name: string, error: unknown): SbError {
  return new SbError("output.unwritable", `Cannot write the report to "${name}": ${systemMessage(error)}`, {
    hint: "Name another place: --output PATH",
    cause: error,
  });
}

/** stdout. */
export function stdoutSink(): Sink {
  return new StreamSink(Deno.stdout, { name: "stdout" });
}

/** stderr. */
export function stderrSink(): Sink {
  return new StreamSink(Deno.stderr, { name: "stderr" });
}
