/** Cells without a kernel: a clock that runs only when they do. */
import type { Cell, CellRecord, Experiment } from "../../../src/sweep/model.ts";
import { completeExperiment } from "../../../src/sweep/experiment.ts";
import type { Measured } from "../../../src/sweep/runner.ts";

/** An experiment of two targets and three delays. */
export function experimentOf(parts: Partial<Experiment> = {}): Experiment {
  return completeExperiment({
    command: ["true"],
    targets: ["a", "b"].map((name) => ({ name, targets: [`x:${name}`] })),
    delaysNs: [0, 1000, 2000],
    repeats: { kind: "fixed", count: 4 },
    ...parts,
  });
}

/** The delays of {@linkcode experimentOf}, by target. */
export const DELAYS_OF = { a: [0, 1000, 2000], b: [0, 1000, 2000] };

/** A machine that runs cells: each takes a second and what its delays add, on its own clock. */
export class FakeMachine {
  nowNs = 0;
  readonly ran: string[] = [];
  readonly kept: CellRecord[] = [];
  readonly #edit: (cell: Pick<Cell, "target" | "delayNs">, index: number) => Partial<Measured>;

  /** @param edit what is different with a cell */
  constructor(
    edit: (cell: Pick<Cell, "target" | "delayNs">, index: number) => Partial<Measured> = () => ({}),
  ) {
    this.#edit = edit;
  }

  readonly clockNs = (): number => this.nowNs;

  readonly keep = (record: CellRecord): void => {
    this.kept.push(record);
  };

  readonly run = (cell: Pick<Cell, "target" | "delayNs"> & { id?: string }): Promise<Measured> => {
    const hits = 100_000;
    const addedNs = hits * cell.delayNs;
    const wallNs = 1e9 + addedNs;
    const measured: Measured = {
      exit: 0,
      result: wallNs,
      wallNs,
      userNs: 0,
      sysNs: 0,
      hits,
      delayed: cell.delayNs === 0 ? 0 : hits,
      addedNs,
      overheadNs: 0,
      floorNs: 500,
      misses: 0,
      failure: null,
      errors: "",
      ...this.#edit(cell, this.ran.length),
    };
    this.nowNs += measured.wallNs;
    this.ran.push(cell.id ?? `${cell.target} ${cell.delayNs}`);
    return Promise.resolve(measured);
  };
}
