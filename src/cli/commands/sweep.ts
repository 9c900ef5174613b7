/** `sb sweep`: the experiment, its progress, the answer and the files beside it. */
import {
  analyseAgain,
  cellsCsv,
  checkResults,
  designSweep,
  type Existing,
  levelsCsv,
  reportHtml,
  reportSvgs,
  requireFolder,
  resultPaths,
  runSweep,
  type Swept,
  writeWhole,
} from "../../sweep/mod.ts";
import { type ColourChoice, paintFor } from "../output/colour.ts";
import { openReport } from "../output/report_place.ts";
import { stderrSink } from "../output/sink.ts";
import { designJson, designText } from "../output/sweep_design.ts";
import { SweepProgress } from "../output/sweep_progress.ts";
import { answerJson, answerText } from "../output/sweep_answer.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";
import { checkSweepOptions, type SweepRequest, sweepRequest } from "../sweep_request.ts";
import { abortOnSignals } from "../stop_signals.ts";
import { VERSION } from "../version.ts";

/** The answer is there, and some runs failed. */
const EXIT_CELLS_FAILED = 1;

/** Carries the experiment out and reports. @returns the exit status */
export async function sweepCommand(invocation: Invocation): Promise<number> {
  checkSweepOptions(invocation);
  const again = optionValue(invocation, "report");
  const request = again === undefined ? sweepRequest(invocation) : null;
  const results = checkResults(again?.replace(/\.sweep\.json$/, "") ?? request!.results);
  using report = openReport(optionValue(invocation, "output"));
  const colour = (optionValue(invocation, "color") ?? "auto") as ColourChoice;
  const json = hasOption(invocation, "json");
  if (request && hasOption(invocation, "dry-run")) {
    const design = await designSweep(request.experiment, {
      results: hasOption(invocation, "resume") ? results : null,
      gain: !hasOption(invocation, "no-gain"),
      fromOwnArguments: request.fromOwnArguments,
    });
    report.write(json ? designJson(design) : designText(design, paintFor(colour, report.terminal)));
    return 0;
  }
  const files = filesOf(invocation, results);
  if (files.html !== null) requireFolder(files.html);
  const swept = request ? await carryOut(invocation, request) : analyseAgain(results, { version: VERSION });
  // The answer first: a full disk, or a report that cannot be drawn, must not cost it.
  report.write(
    json ? answerJson(swept.result) : answerText(swept, {
      colour,
      terminal: report.terminal,
      quiet: hasOption(invocation, "quiet"),
      files: Object.values(files).filter((path) => path !== null),
    }),
  );
  await writeReports(files, swept);
  return swept.result.cells.failed > 0 ? EXIT_CELLS_FAILED : 0;
}

async function carryOut(invocation: Invocation, request: SweepRequest): Promise<Swept> {
  const showsOutput = hasOption(invocation, "show-output");
  const stop = new AbortController();
  using stderr = stderrSink();
  using progress = new SweepProgress(stderr, {
    // Where the document goes there is nothing else.
    quiet: hasOption(invocation, "quiet") ||
      (hasOption(invocation, "json") && !invocation.options.has("output")),
    shows: !showsOutput,
    maxFailures: request.experiment.maxFailures,
  });
  using _signals = abortOnSignals(stop, {
    onFirst: () => progress.tell("giving up the run in progress"),
    secondEnds: true,
  });
  return await runSweep(request.experiment, {
    results: request.results,
    existing: existingOf(invocation),
    gain: !hasOption(invocation, "no-gain"),
    commandLine: commandLineOf(invocation),
    version: VERSION,
    showsOutput,
    fromOwnArguments: request.fromOwnArguments,
    signal: stop.signal,
    onStage: (stage) => progress.stage(stage),
    onProgress: (now) => progress.show(now),
    onFailure: (failure) => progress.failed(failure),
  });
}

function existingOf(invocation: Invocation): Existing {
  if (hasOption(invocation, "resume")) return "resume";
  return hasOption(invocation, "force") ? "replace" : "refuse";
}

/** What repeats the sweep: as it was asked for, but neither gone on with nor where its answer went. */
function commandLineOf({ options, operands, behind }: Invocation): string[] {
  const leftOut = ["resume", "force", "quiet", "json", "color", "output"];
  const words = [...options].filter(([long]) => !leftOut.includes(long)).flatMap(([long, values]) =>
    values.flatMap((value) => value === "" ? [`--${long}`] : [`--${long}`, value])
  );
  return ["sb", "sweep", ...operands, ...words, ...(behind.length > 0 ? ["--", ...behind] : [])];
}

/** What a sweep leaves, as its answer names it; null where it is not asked for. */
interface SweepFiles {
  cells: string;
  result: string;
  cellsCsv: string | null;
  levelsCsv: string | null;
  svgs: string | null;
  html: string | null;
}

function filesOf(invocation: Invocation, results: string): SweepFiles {
  const paths = resultPaths(results);
  const hasCsv = hasOption(invocation, "csv");
  return {
    cells: paths.cells,
    result: paths.result,
    cellsCsv: hasCsv ? paths.cellsCsv : null,
    levelsCsv: hasCsv ? paths.levelsCsv : null,
    svgs: hasOption(invocation, "svg") ? paths.svgs : null,
    html: hasOption(invocation, "no-html") ? null : optionValue(invocation, "html") ?? paths.html,
  };
}

/** Writes what is asked for beside the results. @throws SbError `output.unwritable` */
async function writeReports(files: SweepFiles, { result, records }: Swept): Promise<void> {
  if (files.cellsCsv !== null) writeWhole(files.cellsCsv, cellsCsv(records));
  if (files.levelsCsv !== null) writeWhole(files.levelsCsv, levelsCsv(result));
  if (files.svgs !== null) {
    for (const [name, text] of Object.entries(await reportSvgs(result, records))) {
      writeWhole(files.svgs.replace("*.svg", name), text);
    }
  }
  if (files.html !== null) writeWhole(files.html, await reportHtml(result, records, { version: VERSION }));
}
