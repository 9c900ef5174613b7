/** What a sweep found, for people and for programs. */
import { plotText, resultDocument, type SweepResult, type Swept, tableText } from "../../sweep/mod.ts";
import { VERSION } from "../version.ts";
import { type ColourChoice, paintFor } from "./colour.ts";
import { jsonLine } from "./envelope.ts";
import { isUtf8Locale, terminalColumns } from "./terminal.ts";

/** Where the answer is written. */
export interface AnswerPlace {
  colour: ColourChoice;
  terminal: boolean;
  /** Without warnings and paths. */
  quiet: boolean;
  /** Paths to name below it. */
  files: readonly string[];
}

/** The document of `NAME.sweep.json`, on one line. */
export function answerJson(result: SweepResult): string {
  return jsonLine(resultDocument(result, { version: VERSION }));
}

/** The ranking, the curves, the files. */
export function answerText({ result, records }: Swept, place: AnswerPlace): string {
  const { colour, terminal, quiet, files } = place;
  const paint = paintFor(colour, terminal);
  const how = { paint, width: terminal ? terminalColumns() : 80, unicode: isUtf8Locale() };
  const plot = plotText(result, records, how);
  return [
    tableText(quiet ? withoutWarnings(result) : result, how),
    ...(plot === "" ? [] : ["\n", plot]),
    ...(quiet ? [] : ["\n", paint.dim(files.join("  ")), "\n"]),
  ].join("");
}

function withoutWarnings(result: SweepResult): SweepResult {
  return {
    ...result,
    warnings: [],
    targets: result.targets.map((target) => ({ ...target, warnings: [] })),
  };
}
