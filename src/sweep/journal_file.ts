/** The journal on disk: a line is there for good before the next cell begins. */
import { SbError } from "../core/mod.ts";
import { journalLine, parseJournal } from "./journal.ts";
import type { CellRecord } from "./model.ts";
import { readText, requireFolder, unwritable } from "./result_files.ts";

/** What to do with a journal that is there. */
export type Existing = "refuse" | "resume" | "replace";

/** A journal that cells are appended to. A new one is made with the first of them; one that is gone on with is locked at once. */
export class JournalFile implements Disposable {
  readonly path: string;
  /** What it held when it was opened. */
  readonly records: readonly CellRecord[];
  readonly #existing: Existing;
  readonly #wholeBytes: number;
  #file: Deno.FsFile | undefined;
  #hasBegun = false;

  /** @throws SbError `sweep.exists`, `sweep.journal`, `file.unreadable`, `output.unwritable` */
  constructor(path: string, { experiment, existing }: { experiment: string; existing: Existing }) {
    this.path = path;
    this.#existing = existing;
    requireFolder(path);
    using undo = new DisposableStack();
    undo.defer(() => this[Symbol.dispose]());
    const isThere = readText(path) !== null;
    if (isThere && existing === "refuse") throw exists(path);
    if (isThere && existing === "resume") this.#file = this.#guarded(() => this.#lock());
    const text = this.#file ? readText(path) ?? "" : "";
    const { records, wholeLength } = parseJournal(text, { path, experiment });
    this.records = records;
    this.#wholeBytes = new TextEncoder().encode(text.slice(0, wholeLength)).length;
    undo.move();
  }

  /** Makes sure that the journal is this sweep's alone. @throws SbError `sweep.exists`, `output.unwritable` */
  claim(): void {
    this.#guarded(() => this.#begin());
  }

  /** Appends a cell and waits until the disk has it. @throws SbError `sweep.exists`, `output.unwritable` */
  append(record: CellRecord): void {
    this.#guarded(() => {
      const file = this.#begin();
      let bytes = new TextEncoder().encode(journalLine(record));
      while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
      file.syncDataSync();
    });
  }

  /** What a crash cut off, or what is to be replaced, goes with the first cell and not before. */
  #begin(): Deno.FsFile {
    const file = this.#file ??= this.#lock();
    if (this.#hasBegun) return file;
    file.truncateSync(this.#wholeBytes);
    file.seekSync(this.#wholeBytes, Deno.SeekMode.Start);
    this.#hasBegun = true;
    return file;
  }

  #lock(): Deno.FsFile {
    const file = Deno.openSync(this.path, {
      write: true,
      ...(this.#existing === "refuse" ? { createNew: true } : { create: true }),
    });
    if (file.tryLockSync(true)) return file;
    file.close();
    throw new Error("another sweep writes to it");
  }

  #guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw error instanceof Deno.errors.AlreadyExists ? exists(this.path) : unwritable(this.path, error);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/** Reads a journal that nothing is appended to. @throws SbError `sweep.journal`, `file.not_found`, `file.unreadable` */
export function readJournal(path: string, experiment: string): CellRecord[] {
  const text = readText(path);
  if (text === null) {
    throw new SbError("file.not_found", `Cannot read "${path}": there is no such file`, {
      hint: "Name a sweep that ran: its files are NAME.cells.ndjson and NAME.sweep.json",
    });
  }
  return parseJournal(text, { path, experiment }).records;
}

function exists(path: string): SbError {
  return new SbError("sweep.exists", `Cannot start a sweep: "${path}" has the cells of an earlier one`, {
    hint: "Go on with it: --resume; replace it: --force; or keep it, and name another: --results NAME",
    data: { path },
  });
}
