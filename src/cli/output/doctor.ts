/** The doctor's findings, as text and as JSON. Pure. */
import type { Paint } from "../../core/mod.ts";
import type { DoctorCheck, DoctorReport } from "../../../mod.ts";
import { alignColumns } from "./columns.ts";
import { envelope, jsonLine } from "./envelope.ts";

/** A line for each check, the way on below those that failed, and the backends at the end. */
export function doctorText(report: DoctorReport, paint: Paint): string {
  const rows = report.checks.map((check) => [check.verdict, check.check, check.evidence]);
  const [, ...lines] = alignColumns(
    [{ title: "", align: "left" }, { title: "", align: "left" }, { title: "", align: "left" }],
    rows,
  );
  const text = report.checks.flatMap((check, index) => [
    lines[index].replace(check.verdict, colour(check, paint)(check.verdict)),
    ...(check.hint === null ? [] : [`         ${paint.bold("hint:")} ${check.hint}`]),
  ]);
  for (const [name, verdict] of Object.entries(report.backends)) {
    const says = verdict.usable ? paint.good("usable") : `${paint.bad("not usable")}: ${verdict.why}`;
    text.push(...(name === "ebpf" ? [""] : []), `backend ${name}: ${says}`);
  }
  return text.join("\n") + "\n";
}

function colour(check: DoctorCheck, paint: Paint): (text: string) => string {
  if (check.verdict === "ok") return paint.good;
  return check.required ? paint.bad : paint.caution;
}

/** `doctor --json`. */
export function doctorJson(report: DoctorReport): string {
  return jsonLine({
    ...envelope(),
    ok: report.ok,
    backends: report.backends,
    checks: report.checks.map(({ check, verdict, evidence, hint }) => ({ check, verdict, evidence, hint })),
  });
}
