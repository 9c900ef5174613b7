/** The terminal that this process is on. */

/** Columns where there is no terminal, or one that does not know its size. */
const USUAL_COLUMNS = 80;
const LEAST_COLUMNS = 20;

/** How wide it is. */
export function terminalColumns(): number {
  try {
    const { columns } = Deno.consoleSize();
    return columns < LEAST_COLUMNS ? USUAL_COLUMNS : columns;
  } catch {
    return USUAL_COLUMNS;
  }
}

/** Whether it shows more than ASCII: the locale is one of UTF-8 (setlocale(3)). */
export function isUtf8Locale(): boolean {
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((name) => Deno.env.get(name)).find(Boolean) ?? "";
  return /utf-?8/i.test(locale);
}
