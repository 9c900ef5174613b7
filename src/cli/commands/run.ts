/** `sb run`: the request, the report, the command's exit status. */
import { asSbError, dryRun, run, type RunResult } from "../../../mod.ts";
import { LAST_SIGNAL, signalName } from "../../sys/mod.ts";
import { type ColourChoice, paintFor } from "../output/colour.ts";
import { dryRunText } from "../output/dry_run.ts";
import { dryRunJson, runJson } from "../output/json.ts";
import { openReport } from "../output/report_place.ts";
import { runText } from "../output/text.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";
import { runRequest } from "../request.ts";

/** sb failed before the command: env(1), timeout(1). */
const EXIT_BEFORE_COMMAND = 125;

/** Runs the command and reports. @returns the exit status of sb */
export async function runCommand(invocation: Invocation): Promise<number> {
  const request = runRequest(invocation);
  using report = openReport(optionValue(invocation, "output"));
  const paint = paintFor((optionValue(invocation, "color") ?? "auto") as ColourChoice, report.terminal);
  const json = hasOption(invocation, "json");
  if (hasOption(invocation, "dry-run")) {
    const plan = dryRun(request);
    report.write(json ? dryRunJson(plan) : dryRunText(plan, paint));
    return 0;
  }
  const result = await run(request, { forwardsSignals: true });
  report.write(json ? runJson(result) : runText(result, { paint, quiet: hasOption(invocation, "quiet") }));
  return exitStatus(result);
}

/** The command's status as a shell gives it: its own, or 128 + N for signal N. */
export function exitStatus(result: Pick<RunResult, "exit" | "signal">): number {
  return result.exit ?? 128 + signalNumber(result.signal ?? "");
}

function signalNumber(name: string): number {
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
    if (signalName(signal) === name) return signal;
  }
  return 0;
}

/** The exit status of a failed run: as a shell for the command's own faults, 125 where there is no class for it. */
export function runFailureStatus(thrown: unknown): number {
  const error = asSbError(thrown);
  if (error.code === "command.not_found") return 127;
  if (error.code === "command.not_executable") return 126;
  const { exit } = error.row;
  return exit === 1 || exit === 70 ? EXIT_BEFORE_COMMAND : exit;
}
