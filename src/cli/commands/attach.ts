/** `sb attach`: the request, reports at intervals and at the end. */
import { attach, type AttachRequest, dryAttach } from "../../../mod.ts";
import { formatTime } from "../../core/mod.ts";
import { type ColourChoice, paintFor } from "../output/colour.ts";
import { dryRunText } from "../output/dry_run.ts";
import { attachJson, dryRunJson } from "../output/json.ts";
import { openReport } from "../output/report_place.ts";
import { stderrSink } from "../output/sink.ts";
import { attachText } from "../output/text.ts";
import { abortOnSignals } from "../stop_signals.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";
import { attachRequest } from "../request.ts";

/** Attaches, reports, and undoes at Ctrl-C, when the time is up or when the tree has ended. @returns the exit status */
export async function attachCommand(invocation: Invocation): Promise<number> {
  const request = attachRequest(invocation);
  using report = openReport(optionValue(invocation, "output"));
  const paint = paintFor((optionValue(invocation, "color") ?? "auto") as ColourChoice, report.terminal);
  const json = hasOption(invocation, "json");
  const quiet = hasOption(invocation, "quiet");
  if (hasOption(invocation, "dry-run")) {
    const plan = dryAttach(request);
    report.write(json ? dryRunJson(plan) : dryRunText(plan, paint));
    return 0;
  }
  const stop = new AbortController();
  using _signals = abortOnSignals(stop);
  if (!quiet) showProgress(request);
  for await (const result of attach(request, { signal: stop.signal })) {
    // Nobody reads any more: there is nothing left to probe for.
    if (!report.write(json ? attachJson(result) : attachText(result, { paint, quiet }))) stop.abort();
  }
  return 0;
}

function showProgress(request: AttachRequest): void {
  using stderr = stderrSink();
  if (!stderr.terminal) return;
  const until = request.forNs === null ? "Ctrl-C" : `${formatTime(request.forNs)} or Ctrl-C`;
  stderr.write(`attaching to ${request.pid ?? request.name}; ${until} undoes the probes and reports\n`);
}
