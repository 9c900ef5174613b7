/** What a sweep would run: targets resolved, nothing started. */
import { dryRun } from "../session/mod.ts";
import { mean } from "../stats/mod.ts";
import { runAsked } from "./command_runs.ts";
import { countDone, countPlanned, delaysOfRecords } from "./design.ts";
import { LEAST_TIMINGS } from "./function_times.ts";
import { hashExperiment } from "./hash.ts";
import { readJournal } from "./journal_file.ts";
import type { CellRecord, Experiment } from "./model.ts";
import { delaysOf, warmupsOf } from "./preparing.ts";
import { resultPaths } from "./result_files.ts";
import { mostBlocks } from "./runner.ts";

/** Delays of a target at the most, where they are chosen. */
const MOST_CHOSEN = 6;

/** A target of a design. */
export interface DesignedTarget {
  name: string;
  /** Its functions, `FILE:SYMBOL`. */
  functions: string[];
  isolation: string;
}

/** What a sweep would run. */
export interface SweepDesign {
  experiment: Experiment;
  backend: string;
  targets: DesignedTarget[];
  /** Measured runs, at the most. */
  cells: number;
  /** Of them those that the results have already. */
  done: number;
  /** Runs before the first that is measured. */
  warmups: number;
  /** Runs that time the functions before them, at the least. */
  timings: number;
  /** Nanoseconds that all of it takes, delays left out; null where no run is known. */
  expectedNs: number | null;
  notes: string[];
}

/**
 * Resolves targets and counts runs.
 *
 * @param results the name of results that the sweep would go on with
 * @throws SbError of the targets and, with results, `sweep.journal`, `file.*`
 */
export async function designSweep(
  experiment: Experiment,
  { results, gain, fromOwnArguments }: { results: string | null; gain: boolean; fromOwnArguments: boolean },
): Promise<SweepDesign> {
  const plans = experiment.targets.map((target) =>
    dryRun(runAsked(experiment, { targets: [target], fromOwnArguments }))
  );
  const targets = plans.map(({ probes, isolation }, index) => ({
    name: experiment.targets[index].name,
    functions: probes.map(({ target }) => target),
    isolation,
  }));
  const blocks = mostBlocks(experiment);
  const hash = await hashExperiment(experiment);
  const records = results === null ? [] : readJournal(resultPaths(results).cells, hash);
  const delaysNs = experiment.delaysNs === "auto"
    ? delaysOfRecords(records)
    : delaysOf(experiment, new Map());
  const cells = delaysNs ? countPlanned(delaysNs, blocks) : MOST_CHOSEN * targets.length * blocks;
  const warmups = warmupsOf(experiment) * targets.length;
  const timings = gain && experiment.metric.kind !== "cpu" ? LEAST_TIMINGS : 0;
  const done = delaysNs ? countDone(records, delaysNs, blocks) : records.length;
  const aRunNs = meanWall(records);
  return {
    experiment,
    backend: [...new Set(plans.map(({ backend }) => backend))].join(", "),
    targets,
    cells,
    done,
    warmups,
    timings,
    expectedNs: aRunNs === null ? null : aRunNs * (cells - done + warmups + timings),
    notes: [...new Set(plans.flatMap(({ notes }) => notes))],
  };
}

function meanWall(records: readonly CellRecord[]): number | null {
  return records.length === 0 ? null : mean(records.map(({ wallNs }) => wallNs));
}
