/**
 * Colours and signs of the pictures. A class has a colour that colour-blind people tell from the others (after Okabe and Ito,
 * 2008), a lightness of its own in grey print, and a sign of its own. Pure.
 */
import type { Shape } from "../../../stats/mod.ts";

/** What has a colour. */
export type Colour = Shape | "ink" | "muted" | "faint" | "surface" | "band" | "failed";

/** On paper and on light screens. */
export const LIGHT: Readonly<Record<Colour, string>> = {
  ink: "#1a1d21",
  muted: "#5d6672",
  faint: "#d9dde3",
  surface: "#ffffff",
  band: "#f3d9c6",
  failed: "#b3261e",
  "linear": "#005ea8",
  "super-linear": "#8f2d7c",
  "threshold": "#b54a00",
  "sub-linear": "#007a5a",
  "hidden": "#7b8491",
  "unclear": "#7a6200",
};

/** On dark screens. */
export const DARK: Readonly<Record<Colour, string>> = {
  ink: "#e8eaed",
  muted: "#a2abb6",
  faint: "#363c44",
  surface: "#15181c",
  band: "#4a3324",
  failed: "#ff8a80",
  "linear": "#5eb1ff",
  "super-linear": "#e58fd3",
  "threshold": "#ff9a52",
  "sub-linear": "#3fcf9f",
  "hidden": "#939daa",
  "unclear": "#e3c34a",
};

/** A colour as a page resolves it; {@linkcode resolveColours} does so where there is no page. */
export function colour(name: Colour): string {
  return `var(--${name})`;
}

/** Text with the colours of a theme in place of their names. */
export function resolveColours(text: string, theme: Readonly<Record<Colour, string>>): string {
  return text.replace(/var\(--([a-z-]+)\)/g, (whole, name: string) => theme[name as Colour] ?? whole);
}

/** The sign of a class. */
export const SYMBOLS = {
  "linear": "circle",
  "super-linear": "diamond",
  "threshold": "triangle",
  "sub-linear": "square",
  "hidden": "times",
  "unclear": "asterisk",
} as const satisfies Record<Shape, string>;

/** Filled signs stand for what matters, strokes for what does not. */
export function signOf(shape: Shape): { symbol: typeof SYMBOLS[Shape]; fill: string; stroke: string } {
  const isStroke = shape === "hidden" || shape === "unclear";
  return {
    symbol: SYMBOLS[shape],
    fill: isStroke ? "none" : colour(shape),
    stroke: colour(shape),
  };
}
