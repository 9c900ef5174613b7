/** Pictures by Observable Plot without a browser: a plot as the text of an SVG element. */
import domino from "npm:@mixmark-io/domino@2.2.0";
import { plot, type PlotOptions } from "npm:@observablehq/plot@0.6.17";

const ELEMENT = 1;
const TEXT = 3;

/** What is read of a node. */
interface DrawnNode {
  nodeType: number;
  nodeName: string;
  nodeValue: string | null;
  attributes?: Iterable<{ name: string; value: string }> & { length: number };
  childNodes: Iterable<DrawnNode>;
}

function escapeXml(text: string): string {
  // XML has no other control characters.
  // deno-lint-ignore no-control-regex -- these are the characters that are to go
  const clean = text.toWellFormed().replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
  return clean.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Coordinates to a tenth of a pixel. */
function shortNumbers(value: string): string {
  return value.replace(/-?\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10));
}

const COORDINATES = new Set([
  "d",
  "transform",
  "x",
  "y",
  "x1",
  "x2",
  "y1",
  "y2",
  "cx",
  "cy",
  "width",
  "height",
]);

/** As XML, which HTML reads too: names in SVG keep their case, every element is closed. */
function nodeText(node: DrawnNode): string {
  if (node.nodeType === TEXT) return escapeXml(node.nodeValue ?? "");
  // Rules for pages that have no style sheet of their own.
  if (node.nodeType !== ELEMENT || node.nodeName === "style") return "";
  const name = node.nodeName;
  const attributes = Array.from(node.attributes ?? [])
    .map(({ name, value }) => ` ${name}="${escapeXml(COORDINATES.has(name) ? shortNumbers(value) : value)}"`);
  const inside = Array.from(node.childNodes, nodeText).join("");
  return inside === ""
    ? `<${name}${attributes.join("")}/>`
    : `<${name}${attributes.join("")}>${inside}</${name}>`;
}

/** A picture, and what it is for those who do not see it. */
export interface Picture {
  /** Begins with `<svg`; its colours are names of the theme. */
  svg: string;
  label: string;
}

/** Names in a picture that refer to parts of it; Plot counts them through the life of the process. */
const REFERENCE = /plot-(?:clip|marker)-\d+/g;

/**
 * Draws.
 *
 * @param id unique in a page
 * @param label what the picture shows, in one sentence
 */
export function draw(options: PlotOptions, { id, label }: { id: string; label: string }): Picture {
  const document = domino.createDocument("");
  const drawn = plot({
    ...options,
    document,
    className: "plot",
    style: { fontSize: "12px", background: "none", color: "inherit" },
  });
  drawn.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", label);
  const names: string[] = [];
  const svg = nodeText(drawn as unknown as DrawnNode).replace(REFERENCE, (name) => {
    if (!names.includes(name)) names.push(name);
    return `${id}-${names.indexOf(name) + 1}`;
  });
  return { svg, label };
}
