/** A text that is drawn over the one before, on a terminal. */
import type { Sink } from "./sink.ts";

/** Lines left free below a drawing: for the cursor. */
const SPARE_ROWS = 1;

/** A colour, which takes no room, or a character. */
// deno-lint-ignore no-control-regex -- an escape is what a colour begins with
const PIECE = /\x1b\[[\d;]*m|./gu;

/** The terminal's size; 80 × 24 where it cannot be told. */
function terminalSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/** How many lines fit on the terminal. */
export function fittingRows(): number {
  return Math.max(1, terminalSize().rows - SPARE_ROWS);
}

/** The part of a text that fits on a screen: longer lines would be wrapped, more lines would scroll. */
export function cropText(text: string, { columns, rows }: { columns: number; rows: number }): string {
  return text.trimEnd().split("\n").slice(0, rows).map((line) => {
    let width = 0;
    return [...line.matchAll(PIECE)].filter(([piece]) => piece.length > 2 || ++width <= columns).join("") +
      "\n";
  }).join("");
}

/** A place on a terminal that is drawn anew. */
export class Redrawn {
  readonly #sink: Sink;
  #lines = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Draws over what was drawn before. @returns false once nobody reads any more */
  draw(text: string): boolean {
    const shown = cropText(text, { columns: terminalSize().columns, rows: fittingRows() });
    return this.#replace(shown);
  }

  /** Takes what was drawn away and leaves a text that stays, whole. @returns false once nobody reads any more */
  finish(text: string): boolean {
    return this.#replace(text);
  }

  #replace(text: string): boolean {
    // Up to the first line of the drawing, and away with all below: CUU, ED of ECMA-48.
    const back = this.#lines > 0 ? `\x1b[${this.#lines}A\r\x1b[J` : "";
    this.#lines = text.split("\n").length - 1;
    return this.#sink.write(back + text);
  }
}
