/** Errors as the command line shows them: two lines for people, one document for programs. Pure. */
import type { Paint, SbError } from "../../core/mod.ts";

/** `error: …` and `hint: …`, a line each; a message of several lines keeps them. */
export function errorText(error: SbError, paint: Paint): string {
  const hint = error.hint === undefined ? "" : `${paint.bold("hint:")} ${error.hint}\n`;
  return `${paint.bad("error:")} ${error.message}\n${hint}`;
}

/** `{"schema":1,"error":{code,message,hint,data}}` (`docs/json.md`). */
export function errorJson(error: SbError): string {
  return JSON.stringify({ schema: 1, error: error.toJSON() }) + "\n";
}
