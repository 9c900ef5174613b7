/** The pictures as files of their own: the same that the page has, with the colours of paper. */
import type { CellRecord } from "../model.ts";
import type { SweepResult } from "../result.ts";
import type { Picture } from "./pictures/mod.ts";

/** A file's name for a target: letters, digits, `_`, `-` and points stay, and no two are the same. */
function fileNames(names: readonly string[]): Map<string, string> {
  const taken = new Set<string>();
  return new Map(names.map((name) => {
    const plain = name.toWellFormed().replace(/[^\p{L}\p{N}_.-]+/gu, "_").slice(0, 80) || "_";
    let free = plain;
    for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${plain}_${count}`;
    taken.add(free.toLowerCase());
    return [name, free];
  }));
}

/** Draws the pictures as SVG files. @returns name of the file → its text */
export async function reportSvgs(
  result: SweepResult,
  records: readonly CellRecord[],
): Promise<Record<string, string>> {
  const { drawAll, LIGHT, resolveColours } = await import("./pictures/mod.ts");
  const { ranking, targets, drift } = drawAll(result, records);
  const names = fileNames([...targets.keys()]);
  const file = ({ svg }: Picture) => {
    const [whole, begin] = /^(<svg[^>]*>)/.exec(svg) as RegExpExecArray;
    const paper = `<rect width="100%" height="100%" fill="${LIGHT.surface}"/>`;
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n${begin}${paper}${svg.slice(whole.length)}\n`;
    return resolveColours(text, LIGHT).replace(/color:\s*inherit/, `color: ${LIGHT.ink}`);
  };
  return Object.fromEntries([
    ["ranking.svg", file(ranking)],
    ...[...targets].flatMap(([name, { response, hits }]) => [
      [`response.${names.get(name)}.svg`, file(response)],
      ...(hits === null ? [] : [[`hits.${names.get(name)}.svg`, file(hits)]]),
    ]),
    ...(drift === null ? [] : [["drift.svg", file(drift)]]),
  ]);
}
