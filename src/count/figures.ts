/** Arithmetic on figures. Pure. */
import type { CountedProcess, CountFigures, CountReading } from "./model.ts";

/** A figure's name. */
export type FigureName = keyof CountFigures;

/** Figures, each a second. */
export type Rates = CountFigures;

/** What happened during a while: rates of the whole, and of each process by its id. */
export interface RatesOverTime {
  /** How long, in nanoseconds. */
  intervalNs: number;
  total: Rates;
  processes: ReadonlyMap<number, Rates>;
}

/** Figures made name by name. */
export function mapFigures(figures: CountFigures, make: (name: FigureName) => number): CountFigures {
  return Object.fromEntries(
    (Object.keys(figures) as FigureName[]).map((name) => [name, make(name)]),
  ) as unknown as CountFigures;
}

function ratesOf(now: CountFigures, before: CountFigures | undefined, intervalNs: number): Rates {
  return mapFigures(now, (name) => {
    const grown = Math.max(0, now[name] - (before?.[name] ?? 0));
    return intervalNs > 0 ? grown * 1e9 / intervalNs : 0;
  });
}

/**
 * Rates since an earlier reading of the same count, or since its start.
 *
 * @param options.intervalNs how long the one is after the other, in nanoseconds
 */
export function ratesBetween(
  now: CountReading,
  { before, intervalNs }: { before: CountReading | null; intervalNs: number },
): RatesOverTime {
  const earlier = new Map(before?.processes.map(({ id, figures }) => [id, figures]));
  const rates = ({ id, figures }: CountedProcess) =>
    [id, ratesOf(figures, earlier.get(id), intervalNs)] as const;
  return {
    intervalNs,
    total: ratesOf(now.total, before?.total, intervalNs),
    processes: new Map(now.processes.map(rates)),
  };
}

/** Operations of all kinds together: by which processes are told apart that do much. */
export function operationsOf({ kmalloc, kfree, sched, up, down, lock, unlock }: CountFigures): number {
  return kmalloc + kfree + sched + up + down + lock + unlock;
}
