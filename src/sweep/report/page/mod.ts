/** The report: one page that needs nothing else. Its pictures are drawn when it is made, so that it shows all without scripts. */
import type { CellRecord } from "../../model.ts";
import type { SweepResult } from "../../result.ts";
import { cellsCsv, levelsCsv } from "../csv.ts";
import { resultDocument } from "../document.ts";
import { DARK, drawAll, LIGHT } from "../pictures/mod.ts";
import { shellLine } from "../plain_text.ts";
import { answerSection } from "./answer.ts";
import { dataSection, experimentSection, noiseSection } from "./experiment.ts";
import { Html, jsonContent, markup } from "./markup.ts";
import { rankingSection } from "./ranking.ts";
import paper from "./print.css" with { type: "text" };
import script from "./script.js" with { type: "text" };
import style from "./style.css" with { type: "text" };
import { targetsSection } from "./targets.ts";

function variables(theme: Readonly<Record<string, string>>): string {
  return Object.entries(theme).map(([name, colour]) => `--${name}:${colour};`).join("");
}

/** The style sheet with both themes; paper is light. */
function styleSheet(): Html {
  return new Html(
    `:root{${variables(LIGHT)}}\n@media screen and (prefers-color-scheme:dark){:root{${variables(DARK)}}}\n` +
      `@media print{:root{color-scheme:light}}\n${style}${paper}`,
  );
}

/** What the policy of the page lets run: this text and no other. */
async function sourceHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

/** Makes the page. @param version of sb */
export async function pageText(
  result: SweepResult,
  { records, version }: { records: readonly CellRecord[]; version: string },
): Promise<string> {
  const pictures = drawAll(result, records);
  // Nothing is ever fetched: the page says so to the browser, too.
  const policy =
    `default-src 'none'; style-src 'unsafe-inline'; script-src ${await sourceHash(script)}; img-src data:; ` +
    "base-uri 'none'; form-action 'none'";
  const data = {
    sweep: resultDocument(result, { version }),
    cells_csv: cellsCsv(records),
    levels_csv: levelsCsv(result),
    colours: LIGHT,
  };
  return markup`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="sb ${version}">
        <link rel="icon" href="data:,">
        <title>What matters in ${shellLine(result.experiment.command)}</title>
        <style>${styleSheet()}</style>
      </head>
      <body>
    ${answerSection(result)}
    <main>
    ${rankingSection(result, pictures.ranking)}
    ${targetsSection(result, pictures)}
    ${noiseSection(pictures.drift, records.length)}
    ${experimentSection(result, { version })}
    ${dataSection(result)}
    </main>
    <footer>Made by sb ${version}. The picture of a function shows how the result answered when it was made slower, never a profile: a function can be hot and not matter.</footer>
    <div id="tip" role="status"></div>
    <script type="application/json" id="sweep-data">${jsonContent(data)}</script>
    <script>${new Html(script)}</script>
      </body>
    </html>
  `.text.trimStart();
}
