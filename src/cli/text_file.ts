/** Files that are named on the command line, as text. */
import { SbError, systemMessage } from "../core/mod.ts";

/** Reads a file. @throws SbError `file.not_found`, `file.unreadable` */
export function readTextFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new SbError("file.not_found", `Cannot read "${path}": there is no such file`);
    }
    throw new SbError("file.unreadable", `Cannot read "${path}": ${systemMessage(error)}`, {
      hint: `See what it is, and who may read it: ls -ld ${path}`,
      cause: error,
    });
  }
}
