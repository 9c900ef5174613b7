/**
 * Cells that sweeps of `known_answers` recorded, analysed again: what the analysis says of real noise is what is so. The times of
 * knees are those that the program printed when it was run beside them.
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { analyseCells } from "../../../src/sweep/analyse.ts";
import { parseJournal } from "../../../src/sweep/journal.ts";
import type { CellRecord } from "../../../src/sweep/model.ts";
import type { Estimate, Shape } from "../../../src/stats/mod.ts";

const FOLDER = new URL("recorded/", import.meta.url);

interface Recorded {
  name: string;
  target: string;
  shape: Shape;
  /** d(wall)/d(added) at first, and behind the knee. */
  before: number;
  after?: number;
  /** Nanoseconds added to a run without any probe. */
  kneeNs?: number;
}

const RECORDED: readonly Recorded[] = [
  { name: "serial", target: "serial_step", shape: "linear", before: 1 },
  { name: "hidden", target: "hidden_step", shape: "hidden", before: 0 },
  { name: "slack", target: "hidden_step", shape: "threshold", before: 0, after: 1, kneeNs: 50_000_000 },
  { name: "lock", target: "locked_step", shape: "linear", before: 1 },
  {
    name: "convoy",
    target: "locked_step",
    shape: "super-linear",
    before: 0.3125,
    after: 1,
    kneeNs: 72_000_000,
  },
  { name: "pipeline", target: "fast_stage", shape: "threshold", before: 0.02, after: 1, kneeNs: 40_000_000 },
  { name: "pipeline", target: "slow_stage", shape: "linear", before: 1 },
];

function read(name: string, target: string): CellRecord[] {
  const path = new URL(`${name}.cells.ndjson`, FOLDER);
  const text = Deno.readTextFileSync(path);
  const { experiment } = JSON.parse(text.slice(0, text.indexOf("\n")));
  const { records } = parseJournal(text, { path: path.pathname, experiment });
  return records.filter((record) => record.target === target);
}

function analyse(target: string, records: CellRecord[]) {
  const { targets } = analyseCells({
    metric: { kind: "wall" },
    targets: [{ name: target, targets: [target] }],
    seed: 1,
  }, records);
  return targets[0];
}

function holds(estimate: Estimate | null, truth: number): boolean {
  return estimate !== null && estimate.low <= truth && truth <= estimate.high;
}

for (const { name, target, shape, before, after, kneeNs } of RECORDED) {
  Deno.test(`recorded ${name}, ${target}: ${shape}, its intervals hold the truth`, () => {
    const records = read(name, target);
    const result = analyse(target, records);
    assertEquals(result.class, shape);
    assert(holds(result.sensitivity, before));
    if (after !== undefined) assert(holds(result.beyond, after));
    if (kneeNs === undefined) return;
    const bare = records.filter(({ delayNs }) => delayNs === 0);
    const base = bare.reduce((sum, { overheadNs }) => sum + overheadNs, 0) / bare.length;
    assertLessOrEqual(Math.abs((result.bendNs?.value ?? 0) - (kneeNs - base)), 0.1 * kneeNs);
  });

  Deno.test(`recorded ${name}, ${target}: the same when one cell in eight took up to three times as long`, () => {
    const records = read(name, target).map((record, index) =>
      index % 8 === 4 ? { ...record, result: (record.result ?? 0) * (1.5 + index % 3 / 2) } : record
    );
    const result = analyse(target, records);
    assertEquals(result.class, shape);
    assert(holds(result.sensitivity, before));
    if (kneeNs !== undefined) assertLessOrEqual(Math.abs((result.bendNs?.value ?? 0) - kneeNs), 0.1 * kneeNs);
  });
}
