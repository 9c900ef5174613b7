import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { Blocks, compareLevels, fitPolygon, type Measurement, randomFrom } from "../../../src/stats/mod.ts";

const LEVELS = [0, 10, 20, 40, 60, 80];

/** Eight blocks of a response with a bend at 30, each on a level of its own, with noise of a tenth. */
function measure(disturb: (block: number, level: number) => number = () => 0): Measurement[] {
  const random = randomFrom(5);
  return Array.from({ length: 8 }, (_, block) =>
    LEVELS.map((level): Measurement => ({
      block,
      level,
      x: level,
      y: 100 + block + Math.max(0, level - 30) + 0.2 * (random.fraction() - 0.5) + disturb(block, level),
    }))).flat();
}

Deno.test("fitPolygon() follows the many, and tells which few were disturbed", () => {
  // Three of one level, two of one block.
  const hit = (block: number, level: number) =>
    level === 60 ? block < 3 : block === 7 && (level === 10 || level === 20);
  const plain = fitPolygon(new Blocks(measure()));
  const disturbed = fitPolygon(
    new Blocks(measure((block, level) => hit(block, level) ? 50 + 10 * block : 0)),
  );
  const rows = new Blocks(measure()).rows;
  const found = new Set(disturbed.outliers);
  assertEquals(rows.filter(({ block, level }, row) => hit(block, level) && !found.has(row)), []);
  assertLess(disturbed.scale, 3 * plain.scale);
  for (const [row, y] of disturbed.tamed.entries()) assertAlmostEquals(y, plain.tamed[row], 1);
});

Deno.test("fitPolygon() leaves rows as they are that lie on a polygon, and too few to tell", () => {
  const exact = Array.from({ length: 24 }, (_, row): Measurement => ({
    block: row >> 2,
    level: row & 3,
    x: row & 3,
    y: (row & 3) ** 2 + (row >> 2),
  }));
  assertEquals([...fitPolygon(new Blocks(exact)).tamed], exact.map(({ y }) => y));
  const few = measure().filter(({ block }) => block < 2);
  assertEquals([...fitPolygon(new Blocks(few)).tamed], few.map(({ y }) => y));
});

Deno.test("fitPolygon() takes a row whose x is not its level's for what it is there", () => {
  const rows = measure().map((row) =>
    row.block === 3 && row.level === 60 ? { ...row, x: 75, y: row.y + 15 } : row
  );
  const { outliers } = fitPolygon(new Blocks(rows));
  assertEquals(outliers.some((row) => rows[row].block === 3 && rows[row].level === 60), false);
});

Deno.test("compareLevels() compares with the lowest level block by block, whatever disturbs a few", () => {
  const levels = compareLevels(measure((block, level) => block === 2 && level === 40 ? 500 : 30 * block), {
    seed: 4,
  });
  assertEquals(levels.map(({ level }) => level), LEVELS);
  assertEquals(levels[0].difference, null);
  for (const { level, difference } of levels.slice(1)) {
    const truth = Math.max(0, level - 30);
    assertLess(difference?.low ?? NaN, truth + 0.2);
    assertLess(truth - 0.2, difference?.high ?? NaN);
    assertAlmostEquals(difference?.value ?? NaN, truth, 0.3);
  }
});

Deno.test("compareLevels() gives no difference where no two blocks have both levels", () => {
  const rows = measure().filter(({ block, level }) => block === 0 || level < 60);
  assertEquals(compareLevels(rows).map(({ difference }) => difference !== null), [
    false,
    true,
    true,
    true,
    false,
    false,
  ]);
});
