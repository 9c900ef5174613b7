/** A sweep that ran, analysed again from its files. */
import { SbError } from "../core/mod.ts";
import { analyseCells } from "./analyse.ts";
import { readJournal } from "./journal_file.ts";
import { readResultFile, resultPaths, writeResultFile } from "./result_files.ts";
import type { Swept } from "./sweep.ts";

/**
 * Analyses the cells of a sweep once more and writes its result anew: after a crash, or with another version of sb.
 *
 * @param results what its files' names begin with
 * @throws SbError `file.not_found`, `sweep.journal`, `sweep.empty`, `output.unwritable`
 */
export function analyseAgain(results: string, { version }: { version: string }): Swept {
  const paths = resultPaths(results);
  const before = readResultFile(paths.result);
  if (before === null) {
    throw new SbError("file.not_found", `Cannot read "${paths.result}": there is no such file`, {
      hint: "Name a sweep that ran: its files are NAME.cells.ndjson and NAME.sweep.json",
    });
  }
  const records = readJournal(paths.cells, before.hash);
  if (records.length === 0) {
    throw new SbError("sweep.empty", `Cannot analyse "${paths.cells}": it has no cell`);
  }
  const analysis = analyseCells(before.experiment, records, { functionNs: before.functionNs });
  const last = records.reduce((latest, { started }) => started > latest ? started : latest, before.ended);
  const result = {
    ...before,
    ...analysis,
    warnings: [...new Set([...analysis.warnings, ...before.warnings])],
    ended: last,
    cells: {
      ...before.cells,
      done: records.length,
      failed: records.filter((record) => record.result === null).length,
    },
  };
  writeResultFile(paths.result, result, { version });
  return { result, records };
}
