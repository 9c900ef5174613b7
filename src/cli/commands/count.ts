/** `sb count`: kernel operations of a command, or of a tree that runs. */
import type { Paint } from "../../core/mod.ts";
import { type CommandCountAsked, countCommand, type CountRequest, countTree } from "../../../mod.ts";
import { countRequest } from "../count_request.ts";
import { type ColourChoice, paintFor } from "../output/colour.ts";
import {
  commandCountJson,
  commandCountText,
  type CountTextOptions,
  treeCountJson,
  treeCountText,
} from "../output/count.ts";
import { fittingRows, Redrawn } from "../output/redrawn.ts";
import { openReport } from "../output/report_place.ts";
import type { Sink } from "../output/sink.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";
import { abortOnSignals } from "../stop_signals.ts";
import { exitStatus } from "./run.ts";

/** How often the table of a live view is drawn. */
const REDRAW_NS = 1_000_000_000;
/** Lines of a live view that are no processes: the head, the titles, the sums; and each process has two. */
const FRAME_ROWS = 9;

/** Where the answer goes, and in which form. */
interface Place {
  report: Sink;
  json: boolean;
  quiet: boolean;
  paint: Paint;
}

/** Counts and reports. @returns the exit status of sb */
export async function countCommandLine(invocation: Invocation): Promise<number> {
  const asked = countRequest(invocation);
  using report = openReport(optionValue(invocation, "output"));
  const colour = (optionValue(invocation, "color") ?? "auto") as ColourChoice;
  const place: Place = {
    report,
    json: hasOption(invocation, "json"),
    quiet: hasOption(invocation, "quiet"),
    paint: paintFor(colour, report.terminal),
  };
  if ("command" in asked) return await countOfCommand(asked.command, place);
  await countOfTree(asked.tree, place);
  return 0;
}

async function countOfCommand(
  asked: CommandCountAsked,
  { report, json, quiet, paint }: Place,
): Promise<number> {
  const result = await countCommand(asked, { forwardsSignals: true });
  report.write(json ? commandCountJson(result) : commandCountText(result, { paint, quiet }));
  return exitStatus(result);
}

async function countOfTree(request: CountRequest, place: Place): Promise<void> {
  const { report, json, quiet, paint } = place;
  const isLive = report.terminal && !json;
  const stop = new AbortController();
  using _signals = abortOnSignals(stop);
  const screen = new Redrawn(report);
  const asked = isLive ? { ...request, intervalNs: request.intervalNs ?? REDRAW_NS } : request;
  const options: CountTextOptions = { paint, quiet };
  for await (const result of countTree(asked, { signal: stop.signal })) {
    const isRead = json
      ? report.write(treeCountJson(result))
      : !isLive
      ? report.write(treeCountText(result, options))
      : result.ended === null
      ? screen.draw(treeCountText(result, { ...options, mostRows: liveRows() }))
      : screen.finish(treeCountText(result, options));
    // Nobody reads any more: there is nothing left to count for.
    if (!isRead) stop.abort();
  }
}

/** Processes that a live view has room for. */
function liveRows(): number {
  return Math.max(1, Math.floor((fittingRows() - FRAME_ROWS) / 2));
}
