/** The order of things in a sweep: blocks of cells, failures, the budget, the end. Knows nothing of how a cell is run. */
import { analyseCells } from "./analyse.ts";
import { CellTimes } from "./cell_times.ts";
import { type DelaysOf, planBlock } from "./design.ts";
import type { Cell, CellRecord, Experiment } from "./model.ts";
import { isNarrow } from "./narrow.ts";
import type { Stopped } from "./result.ts";

/** What a run of a cell measured. */
export interface Measured extends
  Pick<
    CellRecord,
    | "exit"
    | "result"
    | "wallNs"
    | "userNs"
    | "sysNs"
    | "hits"
    | "delayed"
    | "addedNs"
    | "overheadNs"
    | "floorNs"
    | "misses"
  > {
  /** Why it has no result; null when it has one. */
  failure: string | null;
  /** The end of what the command wrote to its stderr. */
  errors: string;
}

/** A cell that failed. */
export interface CellFailure {
  cell: Cell;
  /** "exit 3", "ended by SIGSEGV", "the metric …". */
  why: string;
  errors: string;
}

/** How far a sweep is. */
export interface Progress {
  /** From 1; of at the most so many. */
  block: number;
  blocks: number;
  /** The cell that begins; null between cells. */
  cell: Cell | null;
  done: number;
  planned: number;
  /** Nanoseconds that the rest will take, at the most where it stops by itself. */
  leftNs: number;
}

/** What the runner needs of its surroundings. */
export interface RunnerHooks {
  /** Runs a cell once. @throws what `signal` aborted with, or SbError when `sb` could not run it */
  run(cell: Cell, signal: AbortSignal): Promise<Measured>;
  /** Keeps a record, for good. */
  keep(record: CellRecord): void;
  onFailure?: (failure: CellFailure) => void;
  onProgress?: (progress: Progress) => void;
  /** Nanoseconds of a clock that never goes back. */
  clockNs?: () => number;
}

/** What is to be run. */
export interface RunnerPlan {
  experiment: Experiment;
  hash: string;
  /** Target → its delays, rising from 0. */
  delaysNs: DelaysOf;
  /** What earlier runs of the same sweep recorded. */
  done: readonly CellRecord[];
  /** Times of cells that are known before. */
  times?: CellTimes;
  /** When the budget began to run; now without it. */
  startedNs?: number;
}

/** Signals to this process and to its command arrive at once; the command's end may be seen first. */
const SIGNAL_GRACE_MS = 30;

/** Blocks at the most. */
export function mostBlocks({ repeats }: Pick<Experiment, "repeats">): number {
  return repeats.kind === "fixed" ? repeats.count : repeats.max;
}

/** Runs the cells that are missing, block by block. @returns why it ended, and all records */
export async function runCells(
  plan: RunnerPlan,
  hooks: RunnerHooks,
  signal: AbortSignal,
): Promise<{ stopped: Stopped; records: CellRecord[] }> {
  const runner = new Runner(plan, hooks, signal);
  const stopped = await runner.run();
  return { stopped, records: runner.records };
}

class Runner {
  readonly records: CellRecord[];
  readonly #plan: RunnerPlan;
  readonly #hooks: RunnerHooks;
  readonly #signal: AbortSignal;
  readonly #times: CellTimes;
  readonly #clockNs: () => number;
  readonly #startedNs: number;
  readonly #done: Set<string>;
  /** Target and delay → cells that are done. */
  readonly #doneOf = new Map<string, number>();
  #failures = 0;

  constructor(plan: RunnerPlan, hooks: RunnerHooks, signal: AbortSignal) {
    this.#plan = plan;
    this.#hooks = hooks;
    this.#signal = signal;
    this.records = [...plan.done];
    this.#done = new Set(plan.done.map(({ cell }) => cell));
    this.#times = plan.times ?? new CellTimes();
    for (const record of plan.done) {
      this.#times.note(record, record.wallNs);
      this.#count(record);
    }
    this.#clockNs = hooks.clockNs ?? (() => performance.now() * 1e6);
    this.#startedNs = plan.startedNs ?? this.#clockNs();
  }

  async run(): Promise<Stopped> {
    const { repeats } = this.#plan.experiment;
    const blocks = mostBlocks(this.#plan.experiment);
    let whole = 0;
    for (let block = 0; block < blocks; block++) {
      const cells = this.#missing(block);
      if (cells.length > 0) {
        // Half a block says less than a whole one; two whole ones are the least that says anything.
        if (whole >= 2 && !this.#fits(cells)) return "budget";
        const stopped = await this.#runBlock(cells);
        if (stopped !== null) return stopped;
      }
      whole++;
      if (repeats.kind === "adaptive" && whole >= repeats.min && whole < blocks && this.#isNarrow()) {
        return "narrow";
      }
    }
    return "complete";
  }

  #missing(block: number): Cell[] {
    const { experiment, delaysNs } = this.#plan;
    return planBlock(experiment, { block, delaysNs }).filter(({ id }) => !this.#done.has(id));
  }

  #fits(cells: readonly Cell[]): boolean {
    const { budgetNs } = this.#plan.experiment;
    if (budgetNs === null) return true;
    const spent = this.#clockNs() - this.#startedNs;
    return spent + cells.reduce((sum, cell) => sum + this.#times.worst(cell), 0) <= budgetNs;
  }

  async #runBlock(cells: readonly Cell[]): Promise<Stopped | null> {
    for (const cell of cells) {
      if (this.#signal.aborted) return "interrupted";
      if (!this.#fits([cell])) return "budget";
      this.#tell(cell.block, cell);
      const record = await this.#runCell(cell);
      if (record === null) return "interrupted";
      this.#tell(cell.block, null);
      if (this.#failures >= this.#plan.experiment.maxFailures) return "failures";
    }
    return null;
  }

  /** @returns null when it was given up */
  async #runCell(cell: Cell): Promise<CellRecord | null> {
    const started = new Date().toISOString();
    const startedNs = this.#clockNs();
    let measured: Measured;
    try {
      measured = await this.#hooks.run(cell, this.#signal);
    } catch (thrown) {
      if (this.#signal.aborted) return null;
      throw thrown;
    }
    if (measured.failure !== null) await new Promise((resolve) => setTimeout(resolve, SIGNAL_GRACE_MS));
    if (this.#signal.aborted) return null;
    const { failure, errors, ...figures } = measured;
    const { experiment: { seed }, hash } = this.#plan;
    const record: CellRecord = {
      schema: 1,
      experiment: hash,
      cell: cell.id,
      target: cell.target,
      delayNs: cell.delayNs,
      repeat: cell.block,
      seed,
      started,
      ...figures,
    };
    this.#hooks.keep(record);
    this.records.push(record);
    this.#done.add(cell.id);
    this.#count(record);
    this.#times.note(record, this.#clockNs() - startedNs);
    if (failure !== null) {
      this.#failures++;
      this.#hooks.onFailure?.({ cell, why: failure, errors });
    }
    return record;
  }

  #isNarrow(): boolean {
    const { experiment } = this.#plan;
    const { repeats, metric } = experiment;
    if (repeats.kind === "fixed") return false;
    const { targets } = analyseCells(experiment, this.records);
    return isNarrow(targets, { until: repeats.until, metric, records: this.records });
  }

  #tell(block: number, cell: Cell | null): void {
    const { onProgress } = this.#hooks;
    if (!onProgress) return;
    const { experiment, delaysNs } = this.#plan;
    const blocks = mostBlocks(experiment);
    const kinds = planBlock(experiment, { block: 0, delaysNs });
    const left = kinds.map((kind) => blocks - (this.#doneOf.get(kindOf(kind)) ?? 0));
    onProgress({
      block: block + 1,
      blocks,
      cell,
      done: kinds.length * blocks - left.reduce((sum, count) => sum + count, 0),
      planned: kinds.length * blocks,
      leftNs: kinds.reduce((sum, kind, index) => sum + left[index] * this.#times.expect(kind), 0),
    });
  }

  #count(record: CellRecord): void {
    if (record.repeat >= mostBlocks(this.#plan.experiment)) return;
    this.#doneOf.set(kindOf(record), (this.#doneOf.get(kindOf(record)) ?? 0) + 1);
  }
}

/** What is the same in each block. */
function kindOf({ target, delayNs }: { target: string; delayNs: number }): string {
  return `${delayNs} ${target}`;
}
