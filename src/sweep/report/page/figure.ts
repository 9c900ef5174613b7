/** A picture in the page, with its caption and a button that saves it. Pure. */
import type { Picture } from "../pictures/mod.ts";
import { humanHits } from "../words.ts";
import { Html, markup } from "./markup.ts";

/** A figure. */
export interface FigureOptions {
  id: string;
  picture: Picture;
  /** Name of the file that the button saves. */
  file: string;
  caption: string;
  /** Scrolls sideways on a narrow screen, where it would become too small to read. */
  isWide?: boolean;
}

/** The figure's HTML. */
export function figure({ id, picture, file, caption, isWide = false }: FigureOptions): Html {
  return markup`
    <figure id="${id}">
      <div class="plot-box${isWide ? " wide" : ""}">${new Html(picture.svg)}</div>
      <figcaption>${caption} <button type="button" class="needs-script" data-save="svg" data-of="${id}" data-name="${file}" aria-label="Save ${file}">SVG</button></figcaption>
    </figure>
  `;
}

/** That not all runs are drawn. */
export function thinnedText(runs: number): string {
  return `There are ${humanHits(runs)} runs: every n-th of them is drawn.`;
}
