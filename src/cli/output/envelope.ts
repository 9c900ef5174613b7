/** What every JSON document of the command line has. Apart, since the lists need nothing else of `json.ts`. */
import { VERSION } from "../version.ts";

/** The members that every document starts with. */
export function envelope(): { schema: 1; sb_version: string; kernel: string } {
  return { schema: 1, sb_version: VERSION, kernel: Deno.osRelease() };
}

/** A document on a line of its own. */
export function jsonLine(document: unknown): string {
  return JSON.stringify(document) + "\n";
}
