/** From what was thrown to what a peer is told; the one place. */
import { asSbError, type SbError } from "../../src/core/mod.ts";
import type { Fault } from "../wire/mod.ts";

/** The fault of an error of sb. Where sb is at fault, what went wrong inside it stays inside. */
export function faultOf(error: SbError): Fault {
  const { stack: _, ...data } = error.data;
  return {
    code: error.row.rpc,
    message: error.message,
    data: { ...data, code: error.code, hint: error.hint ?? null },
  };
}

/** The fault of whatever was thrown. @param report is told of faults of sb itself */
export function faultOfThrown(thrown: unknown, report: (error: SbError) => void): Fault {
  const error = asSbError(thrown);
  if (error.code === "internal") report(error);
  return faultOf(error);
}
