/** What happens before the first cell: runs that are not measured, and delays that are chosen. */
import { SbError } from "../core/mod.ts";
import type { CellTimes } from "./cell_times.ts";
import { chooseDelays, type Pilot } from "./delays.ts";
import type { Experiment } from "./model.ts";
import type { Measured } from "./runner.ts";

/** What preparing needs of its surroundings. */
export interface PreparingHooks {
  run(cell: { target: string; delayNs: number }, signal: AbortSignal): Promise<Measured>;
  onWarmup?: (warmup: { target: string; done: number; planned: number }) => void;
}

/** How often each target is run before the first cell. */
export function warmupsOf({ warmups, delaysNs }: Pick<Experiment, "warmups" | "delaysNs">): number {
  return delaysNs === "auto" ? Math.max(1, warmups) : warmups;
}

/**
 * Runs each target without a delay. Each of them, since each has a copy of its files to warm.
 *
 * @param times gets what they took
 * @returns target → what its last run showed; none where there are no warm-ups
 * @throws SbError `sweep.command` when a run fails or has no result
 */
export async function warmUp(
  experiment: Experiment,
  { run, onWarmup }: PreparingHooks,
  { times, signal }: { times: CellTimes; signal: AbortSignal },
): Promise<Map<string, Pilot>> {
  const pilots = new Map<string, Pilot>();
  const runs = warmupsOf(experiment);
  const planned = runs * experiment.targets.length;
  for (const [index, { name }] of experiment.targets.entries()) {
    for (let turn = 0; turn < runs; turn++) {
      onWarmup?.({ target: name, done: index * runs + turn, planned });
      const measured = await run({ target: name, delayNs: 0 }, signal);
      if (measured.failure !== null) throw failedBefore(experiment, measured);
      times.note({ target: name, delayNs: 0, hits: measured.hits }, measured.wallNs);
      pilots.set(name, measured);
    }
  }
  return pilots;
}

/** Target → its delays. @param pilots of the targets that were run; needed where delays are chosen */
export function delaysOf(
  { targets, delaysNs }: Experiment,
  pilots: ReadonlyMap<string, Pilot>,
): Record<string, readonly number[]> {
  return Object.fromEntries(targets.map(({ name }) => {
    const pilot = pilots.get(name);
    return [name, delaysNs !== "auto" ? delaysNs : pilot ? chooseDelays(pilot) : [0]];
  }));
}

function failedBefore({ command }: Experiment, { failure, errors, exit }: Measured): SbError {
  const said = errors === "" ? "" : `; its last words:\n${errors}`;
  return new SbError(
    "sweep.command",
    `Cannot sweep "${command[0]}": a run without a delay failed: ${failure}${said}`,
    {
      hint: exit === 0
        ? "Mend the metric, or what the command writes; --show-output shows it"
        : "Make the command succeed by itself first; --show-output shows what it writes",
      data: { failure, errors },
    },
  );
}
