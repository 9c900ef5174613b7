/** The journal on disk: a line is there for good before the next cell begins. */
import { SbError } from "../core/mod.ts";
import { journalLine, parseJournal } from "./journal.ts";
import type { CellRecord } from "./model.ts";
import { readText, unwritable } from "./result_files.ts";

/** What to do with a journal that is there. */
export type Existing = "refuse" | "resume" | "replace";

/** A journal that cells are appended to. It is made with the first of them. */
export class JournalFile implements Disposable {
  readonly path: string;
  /** What it held when it was opened. */
  readonly records: readonly CellRecord[];
  readonly #wholeBytes: number;
  #file: Deno.FsFile | undefined;

  /** @throws SbError `sweep.exists`, `sweep.journal`, `file.unreadable` */
  constructor(path: string, { experiment, existing }: { experiment: string; existing: Existing }) {
    this.path = path;
    const text = readText(path);
    if (text !== null && existing === "refuse") throw exists(path);
    requireFolder(path);
    const { records, wholeLength } = existing === "resume" && text !== null
      ? parseJournal(text, { path, experiment })
      : { records: [], wholeLength: 0 };
    this.records = records;
    this.#wholeBytes = new TextEncoder().encode(text?.slice(0, wholeLength)).length;
  }

  /** Appends a cell and waits until the disk has it. @throws SbError `output.unwritable` */
  append(record: CellRecord): void {
    try {
      const file = this.#file ??= this.#open();
      let bytes = new TextEncoder().encode(journalLine(record));
      while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
      file.syncDataSync();
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  /** What a crash cut off, or what is to be replaced, goes here and not before. */
  #open(): Deno.FsFile {
    const file = Deno.openSync(this.path, { write: true, create: true });
    try {
      if (!file.tryLockSync(true)) throw new Error("another sweep writes to it");
      file.truncateSync(this.#wholeBytes);
      file.seekSync(this.#wholeBytes, Deno.SeekMode.Start);
    } catch (error) {
      file.close();
      throw error;
    }
    return file;
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

/** What is found out only with the first cell would have cost the warm-ups. */
function requireFolder(path: string): void {
  try {
    Deno.readDirSync(path.replace(/[^/]*$/, "") || ".");
  } catch (error) {
    throw unwritable(path, error);
  }
}

function exists(path: string): SbError {
  return new SbError("sweep.exists", `Cannot start a sweep: "${path}" has the cells of an earlier one`, {
    hint: "Go on with it: --resume; replace it: --force; or keep it, and name another: --results NAME",
    data: { path },
  });
}
