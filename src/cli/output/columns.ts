/** Aligned columns for people. Pure. */

/** How a column stands. */
export interface Column {
  title: string;
  align: "left" | "right";
}

/**
 * Lines of aligned cells, the titles first, two spaces between columns, nothing behind the last.
 *
 * @param rows cells, one for each column
 */
export function alignColumns(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => width(row[index]))));
  return all.map((row) =>
    row.map((cell, index) => {
      const space = " ".repeat(widths[index] - width(cell));
      return columns[index].align === "right" ? space + cell : cell + space;
    }).join("  ").trimEnd()
  );
}

/** Columns on a terminal, code points taken as one each. */
function width(text: string): number {
  return [...text].length;
}

/** A count with its thousands apart: 20,361. */
export function humanCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A size in KB, MB or GB (powers of 1024), three significant digits. */
export function humanSize(sizeBytes: number): string {
  for (const [unit, scale] of [["GB", 2 ** 30], ["MB", 2 ** 20], ["KB", 2 ** 10]] as const) {
    if (sizeBytes >= scale) return `${Number((sizeBytes / scale).toPrecision(3))} ${unit}`;
  }
  return `${sizeBytes} B`;
}
