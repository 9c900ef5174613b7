/** Colour, and whether there is any. */

/** What `--color` says. */
export type ColourChoice = "auto" | "always" | "never";

/** Puts colour around text, or leaves it. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  caution(text: string): string;
}

/**
 * The colours of a stream: `always`, or on a terminal unless NO_COLOR is set and not empty (no-color.org).
 *
 * @param terminal whether the stream is a terminal
 */
export function paintFor(choice: ColourChoice, terminal: boolean): Paint {
  const coloured = choice === "always" ||
    (choice === "auto" && terminal && !Deno.env.get("NO_COLOR") && Deno.env.get("TERM") !== "dumb");
  const style = (start: number, end: number) => (text: string) =>
    coloured && text !== "" ? `\x1b[${start}m${text}\x1b[${end}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    good: style(32, 39),
    bad: style(31, 39),
    caution: style(33, 39),
  };
}
