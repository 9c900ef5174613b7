/** Files that stay open over many look-ups: what was read of one is not read again until the file changes. */
import type { OwnedFd } from "../../ffi/mod.ts";
import { readFileStatus } from "../sys/mod.ts";
import type { Resolution } from "./model.ts";
import type { Root } from "./root.ts";
import { SymbolFile, type SymbolFileOptions } from "./symbol_file.ts";

/** Functions of answers that are remembered of one file, before all of them are forgotten. */
const MOST_FUNCTIONS = 20_000;

/** A file that is being looked into. Disposing closes what nobody keeps. */
export interface UsedFile extends Disposable {
  readonly symbols: SymbolFile;
  /** What a place means: found, or remembered. Refusals are found anew each time. */
  answer(place: string, find: () => Resolution): Resolution;
}

/** A file that is kept open. */
class KeptFile implements UsedFile {
  readonly symbols: SymbolFile;
  readonly #answers = new Map<string, Resolution>();
  #functions = 0;

  constructor(symbols: SymbolFile) {
    this.symbols = symbols;
  }

  answer(place: string, find: () => Resolution): Resolution {
    const known = this.#answers.get(place);
    if (known) return known;
    const found = find();
    this.#functions += found.functions.length;
    if (this.#functions > MOST_FUNCTIONS) {
      this.#answers.clear();
      this.#functions = found.functions.length;
    }
    this.#answers.set(place, found);
    return found;
  }

  /** Whoever keeps it closes it. */
  [Symbol.dispose](): void {}
}

/** Keeps files open, those that were used last. Disposing closes them. */
export class OpenFiles implements Disposable {
  readonly #most: number;
  readonly #files = new Map<string, KeptFile>();

  /** @param most files at a time, from 1 */
  constructor({ most }: { most: number }) {
    this.#most = most;
  }

  /** The file behind an O_PATH descriptor, which stays the caller's. @throws SbError as {@linkcode SymbolFile} */
  use(fd: OwnedFd, root: Root): UsedFile {
    const { dev, ino } = Deno.statSync(fd.path);
    const status = readFileStatus(fd.path);
    // Paths and debug files are what they are in one root.
    const key = [
      dev,
      ino,
      status?.sizeBytes,
      status?.modifiedNs,
      status?.changedNs,
      root.hostPrefix,
      root.pathOf(fd),
    ]
      .join(" ");
    const known = this.#files.get(key);
    const file = known ?? new KeptFile(new SymbolFile(fd, root, { isKept: true }));
    this.#files.delete(key);
    this.#files.set(key, file);
    for (const [oldest, { symbols }] of this.#files) {
      if (this.#files.size <= this.#most) break;
      this.#files.delete(oldest);
      symbols[Symbol.dispose]();
    }
    return file;
  }

  [Symbol.dispose](): void {
    for (const { symbols } of this.#files.values()) symbols[Symbol.dispose]();
    this.#files.clear();
  }
}

/** The file behind an O_PATH descriptor, kept in `files` where there are any. @throws SbError as {@linkcode SymbolFile} */
export function useFile(
  fd: OwnedFd,
  root: Root,
  { files, ...options }: SymbolFileOptions & { files: OpenFiles | undefined },
): UsedFile {
  if (files) return files.use(fd, root);
  const symbols = new SymbolFile(fd, root, options);
  return { symbols, answer: (_place, find) => find(), [Symbol.dispose]: () => symbols[Symbol.dispose]() };
}
