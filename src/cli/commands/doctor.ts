/** `sb doctor`. */
import { examineMachine } from "../../../mod.ts";
import { type ColourChoice, paintFor } from "../output/colour.ts";
import { doctorJson, doctorText } from "../output/doctor.ts";
import { stdoutSink } from "../output/sink.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";

/** Examines the machine. @returns 0 when a backend is usable, otherwise 3 */
export function doctorCommand(invocation: Invocation): number {
  const report = examineMachine();
  using stdout = stdoutSink();
  const paint = paintFor((optionValue(invocation, "color") ?? "auto") as ColourChoice, stdout.terminal);
  stdout.write(hasOption(invocation, "json") ? doctorJson(report) : doctorText(report, paint));
  return report.ok ? 0 : 3;
}
