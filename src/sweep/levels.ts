/** The cells of one target summed up delay by delay. Pure. */
import { compareLevels, mean } from "../stats/mod.ts";
import { addedBeyondBase, measurementsOf, type UsableCell } from "./measurements.ts";
import type { Metric } from "./model.ts";
import type { LevelSummary } from "./result.ts";

/** Sums up each delay, rising from 0. */
export function summariseLevels(
  cells: readonly UsableCell[],
  { metric, seed }: { metric: Metric; seed: number },
): LevelSummary[] {
  const added = addedBeyondBase(cells);
  const blocks = Map.groupBy(cells, ({ repeat }) => repeat);
  const levelOf = new Map([...blocks].map(([block, own]) => [block, mean(own.map(({ result }) => result))]));
  const compared = new Map(
    compareLevels(measurementsOf(cells, metric), { seed }).map((level) => [level.level, level]),
  );
  return [...Map.groupBy(cells, ({ delayNs }) => delayNs)].sort(([first], [second]) => first - second)
    .map(([delayNs, own]) => {
      const around = own.map(({ result, repeat }) => result - (levelOf.get(repeat) ?? 0));
      const middle = mean(around);
      const squares = around.reduce((sum, value) => sum + (value - middle) ** 2, 0);
      return {
        delayNs,
        cells: own.length,
        addedNs: mean(own.map(added)),
        result: compared.get(delayNs)?.mean ?? mean(own.map(({ result }) => result)),
        difference: delayNs === 0 ? null : compared.get(delayNs)?.difference ?? null,
        deviation: Math.sqrt(squares / Math.max(1, own.length - 1)),
        hits: mean(own.map(({ hits }) => hits)),
      };
    });
}
