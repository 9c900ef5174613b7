/** How long cells will take, from those that ran. Pure. */
import { mean } from "../stats/mod.ts";

/** Some margin: what ran at most once does not say how much it varies. */
const MARGIN = 1.05;

/** What is known of how long a target's cells take. */
interface TargetTimes {
  /** Delay → times, nanoseconds. */
  times: Map<number, number[]>;
  /** Hits of a run. */
  hits: number;
}

/** Times of cells. */
export class CellTimes {
  readonly #targets = new Map<string, TargetTimes>();

  /** Notes what a cell took, everything around its run included. */
  note({ target, delayNs, hits }: { target: string; delayNs: number; hits: number }, ns: number): void {
    const known = this.#targets.get(target) ?? { times: new Map(), hits };
    this.#targets.set(target, known);
    known.times.set(delayNs, [...known.times.get(delayNs) ?? [], ns]);
    known.hits = hits;
  }

  /** What a cell will probably take: the mean of its like, otherwise that of a shorter delay and all the time added. */
  expect({ target, delayNs }: { target: string; delayNs: number }): number {
    const known = this.#targets.get(target);
    if (!known) {
      const all = [...this.#targets.values()].flatMap(({ times }) => [...times.values()].flat());
      return all.length === 0 ? 0 : mean(all);
    }
    const same = known.times.get(delayNs);
    if (same) return mean(same);
    const delays = [...known.times.keys()];
    const nearest = Math.max(...delays.filter((ns) => ns < delayNs), Math.min(...delays));
    return mean(known.times.get(nearest) ?? []) + Math.max(0, delayNs - nearest) * known.hits;
  }

  /** What a cell takes at the most, as far as is known. */
  worst(cell: { target: string; delayNs: number }): number {
    const same = this.#targets.get(cell.target)?.times.get(cell.delayNs) ?? [];
    return MARGIN * Math.max(this.expect(cell), ...same);
  }
}
