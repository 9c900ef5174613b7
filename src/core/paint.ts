/** Colours of text on a terminal. */

/** Puts colour around text, or leaves it. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  caution(text: string): string;
  /** What matters among much that is alike. */
  accent(text: string): string;
}

/** The colours (SGR sequences, ECMA-48 §8.3.117), or none of them. */
export function makePaint(coloured: boolean): Paint {
  const style = (start: number, end: number) => (text: string) =>
    coloured && text !== "" ? `\x1b[${start}m${text}\x1b[${end}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    good: style(32, 39),
    bad: style(31, 39),
    caution: style(33, 39),
    accent: style(36, 39),
  };
}
