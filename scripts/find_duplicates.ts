/**
 * Finds code that stands twice: runs of equal lines in TypeScript and C sources, comments and imports aside.
 * `scripts/deno run -R scripts/find_duplicates.ts`; fails when it finds any.
 */
import { blankSource, typeScriptFiles } from "./source_text.ts";

/** So many equal code lines in a row are a duplicate. */
export const RUN_LINES = 12;

/** Two places with the same code. */
export interface Duplicate {
  first: string;
  second: string;
  lines: number;
}

interface CodeLine {
  text: string;
  path: string;
  number: number;
}

function codeLines(path: string, source: string): CodeLine[] {
  return blankSource(source, { keepStrings: true }).split("\n")
    .map((text, index) => ({ text: text.trim().replace(/\s+/g, " "), path, number: index + 1 }))
    .filter(({ text }) => /\w/.test(text) && !/^(import|export) .*from /.test(text));
}

/** Every run of at least {@linkcode RUN_LINES} equal lines. @param sources path → text */
export function findDuplicates(sources: Readonly<Record<string, string>>): Duplicate[] {
  const seen = new Map<string, { lines: CodeLine[]; at: number }>();
  const found: Duplicate[] = [];
  for (const [path, source] of Object.entries(sources)) {
    const lines = codeLines(path, source);
    for (let at = 0; at + RUN_LINES <= lines.length;) {
      const key = lines.slice(at, at + RUN_LINES).map(({ text }) => text).join("\n");
      const earlier = seen.get(key);
      if (!earlier || (earlier.lines[0].path === path && at < earlier.at + RUN_LINES)) {
        if (!earlier) seen.set(key, { lines, at });
        at++;
        continue;
      }
      let length = RUN_LINES;
      const other = earlier.lines;
      while (
        at + length < lines.length && other[earlier.at + length]?.text === lines[at + length].text
      ) length++;
      const [first, second] = [other[earlier.at], lines[at]];
      found.push({
        first: `${first.path}:${first.number}`,
        second: `${second.path}:${second.number}`,
        lines: length,
      });
      at += length;
    }
  }
  return found;
}

function main(): void {
  const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
  const sources = Object.fromEntries(
    typeScriptFiles(root).map((path) => [path, Deno.readTextFileSync(`${root}/${path}`)]),
  );
  const found = findDuplicates(sources);
  for (const { first, second, lines } of found) console.error(`${second}: ${lines} lines as at ${first}`);
  if (found.length > 0) Deno.exit(1);
}

if (import.meta.main) main();
