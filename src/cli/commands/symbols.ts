/** `sb symbols`. */
import { SbError } from "../../core/mod.ts";
import { listSymbols, planSites, type SymbolRow, type TargetFile } from "../../symbols/mod.ts";
import { stdoutSink } from "../output/sink.ts";
import { writeSymbolsJson, writeSymbolsText } from "../output/symbols.ts";
import { hasOption, type Invocation } from "../parse.ts";

/** Lists the functions of a file; with a pattern the sites of those that fit it, too. @returns the exit status */
export function symbolsCommand(invocation: Invocation): number {
  const [file, pattern] = invocation.operands;
  const symbols = listSymbols(file, pattern === undefined ? {} : { pattern });
  using stdout = stdoutSink();
  const write = hasOption(invocation, "json") ? writeSymbolsJson : writeSymbolsText;
  // Every function would have to be decoded: seconds over a large file.
  write(symbols, stdout, pattern === undefined ? {} : { siteOf: (row) => siteOf(row, symbols.file) });
  return 0;
}

/** The class of the instruction that a probe at the function's entry would sit on. */
function siteOf(row: SymbolRow, file: TargetFile): string | null {
  if (row.kind !== "function" || row.fileOffset === null) return null;
  try {
    const { sites } = planSites({
      target: `${file.path}:${row.name}`,
      symbol: row.name,
      demangled: row.demangled,
      aliases: [],
      file,
      at: "entry",
      fileOffset: row.fileOffset,
      sizeBytes: row.sizeBytes,
      exact: false,
    });
    return sites[0]?.class ?? null;
  } catch (error) {
    if (error instanceof SbError) return null;
    throw error;
  }
}
