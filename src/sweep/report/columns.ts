/** Text in columns of a terminal: how wide it stands, cut, filled, broken. Pure. */
import { eastAsianWidth } from "npm:get-east-asian-width@1.7.0";

const CLUSTERS = new Intl.Segmenter("en");

/** Columns that one character as people see it takes. */
function clusterColumns(cluster: string): number {
  if (/^\p{Mark}+$/u.test(cluster)) return 0;
  if (/^\p{RGI_Emoji}$/v.test(cluster)) return 2;
  return eastAsianWidth(cluster.codePointAt(0) as number);
}

/** Columns that a text takes; it has no control characters. */
export function columnsOf(text: string): number {
  let sum = 0;
  for (const { segment } of CLUSTERS.segment(text)) sum += clusterColumns(segment);
  return sum;
}

/** The text in so many columns at the most: what is too long loses its middle, where names of functions differ least. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const clusters = [...CLUSTERS.segment(text)].map(({ segment }) => segment);
  const take = (from: readonly string[], room: number) => {
    const taken: string[] = [];
    for (const cluster of from) {
      room -= clusterColumns(cluster);
      if (room < 0) break;
      taken.push(cluster);
    }
    return taken;
  };
  const room = Math.max(0, columns - 1);
  const end = take(clusters.toReversed(), Math.floor(room / 2)).reverse();
  return `${take(clusters, room - columnsOf(end.join(""))).join("")}…${end.join("")}`;
}

/** The text with spaces up to so many columns. */
export function fillTo(text: string, columns: number, align: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, columns - columnsOf(text)));
  return align === "left" ? text + space : space + text;
}

/** Lines of so many columns at the most, broken at spaces; a word that is longer stands alone. */
export function breakLines(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && columnsOf(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
