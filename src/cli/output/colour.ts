/** Whether there is colour. */
import { makePaint, type Paint } from "../../core/mod.ts";

/** What `--color` says. */
export type ColourChoice = "auto" | "always" | "never";

/**
 * The colours of a stream: `always`, or on a terminal unless NO_COLOR is set and not empty (no-color.org).
 *
 * @param terminal whether the stream is a terminal
 */
export function paintFor(choice: ColourChoice, terminal: boolean): Paint {
  return makePaint(
    choice === "always" ||
      (choice === "auto" && terminal && !Deno.env.get("NO_COLOR") && Deno.env.get("TERM") !== "dumb"),
  );
}
