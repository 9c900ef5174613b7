/**
 * The outputs of a sweep, made from its result and its cells. Pure. What draws the pictures is half a megabyte of packages, and is
 * loaded when one is drawn.
 */
export { cellsCsv, levelsCsv } from "./csv.ts";
export { plotText, type PlotTextOptions } from "./terminal_plot.ts";
export { readResult, resultDocument } from "./document.ts";
export { reportHtml } from "./report_page.ts";
export { tableText, type TerminalOptions } from "./table.ts";
export { reportSvgs } from "./svgs.ts";
