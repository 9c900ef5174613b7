/** The nearest names to a mistyped one. Pure. */

/** The most edits that a mistyped name has: beyond that, long names would only be alike by their length. */
const MOST_EDITS = 8;

/** Edit distance with transpositions (optimal string alignment), cut off above `limit`: time is length × limit. */
export function editDistance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    // Cells further than `limit` from the diagonal are above it anyway.
    const from = Math.max(1, row - limit);
    const to = Math.min(b.length, row + limit);
    const line: number[] = [];
    line[from - 1] = from === 1 ? row : Infinity;
    let least = line[from - 1];
    for (let column = from; column <= to; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      const above = last[column] ?? Infinity;
      let value = Math.min(above + 1, line[column - 1] + 1, last[column - 1] + cost);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        value = Math.min(value, before[column - 2] + 1);
      }
      line.push(value);
      least = Math.min(least, value);
    }
    if (least > limit) return Infinity;
    before = last;
    last = line;
  }
  return last[b.length];
}

/**
 * The names nearest to `name`, nearest first: those within a third of its length in edits (8 at the most), then those that contain it.
 *
 * @param most how many names at the most
 */
export function nearestNames(name: string, names: Iterable<string>, most = 5): string[] {
  const limit = Math.min(MOST_EDITS, Math.max(1, Math.floor(name.length / 3)));
  const lower = name.toLowerCase();
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of new Set(names)) {
    let distance = editDistance(lower, candidate.toLowerCase(), limit);
    if (distance === Infinity && lower.length >= 3 && candidate.toLowerCase().includes(lower)) {
      distance = limit + 1 + (candidate.length - name.length) / 1000;
    }
    if (distance !== Infinity) found.push({ candidate, distance });
  }
  found.sort((x, y) => x.distance - y.distance || (x.candidate < y.candidate ? -1 : 1));
  return found.slice(0, most).map((item) => item.candidate);
}
