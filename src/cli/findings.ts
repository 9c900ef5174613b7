/** What `sb doctor` finds, added to the error of a machine on which no backend works. */
import { examineMachine } from "../../mod.ts";
import { SbError } from "../core/mod.ts";

/** The error with the failed checks behind its message and in its data. @param error `backend.unavailable` */
export function withFindings(error: SbError): SbError {
  const failed = examineMachine().checks.filter(({ required, verdict }) => required && verdict !== "ok");
  if (failed.length === 0) return error;
  const findings = failed.map(({ check, evidence }) => `${check}: ${evidence}`).join("; ");
  const hint = failed.find((check) => check.hint !== null)?.hint ?? error.hint;
  return new SbError(error.code, `${error.message} (sb doctor found ${findings})`, {
    ...(hint ? { hint } : {}),
    data: {
      ...error.data,
      doctor: failed.map(({ check, verdict, evidence }) => ({ check, verdict, evidence })),
    },
    cause: error,
  });
}
