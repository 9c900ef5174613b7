/** The functions of a file, for who looks for targets. */
import { type ListOptions, listSymbols, type SymbolRow } from "../symbols/mod.ts";

/** Which symbols, and where the file is looked up. */
export type SymbolsOptions = Omit<ListOptions, "pattern">;

/**
 * The symbols of a file that targets can name, in the order of its tables.
 *
 * @param file as in a target: a path, a program's name, a library's name
 * @param pattern a part of a name, a glob, or `/regex/`, over names and demangled names; all without it
 * @throws SbError `file.*`, `process.not_found`, `usage.target` for a malformed pattern
 */
export async function* symbols(
  file: string,
  pattern?: string,
  options: SymbolsOptions = {},
): AsyncGenerator<SymbolRow, void> {
  yield* listSymbols(file, { ...options, ...(pattern === undefined ? {} : { pattern }) });
}
