/** Every stress scenario. */
import { failingMemory } from "./failing_memory.ts";
import { forkStorm } from "./fork_storm.ts";
import { loadUnload } from "./load_unload.ts";
import { ownerDeaths } from "./owner_deaths.ts";
import { racingWriters } from "./racing_writers.ts";
import { replacement } from "./replacement.ts";
import { load, type Scenario } from "./scenario.ts";
import { toggling } from "./toggling.ts";
import { tracerChurn } from "./tracer_churn.ts";
import { umount } from "./umount.ts";

export const SCENARIOS: readonly Scenario[] = [
  loadUnload,
  racingWriters,
  forkStorm,
  umount,
  replacement,
  toggling,
  ownerDeaths,
  failingMemory,
  tracerChurn,
];

/** Runs rounds of a scenario. @throws with the round's number what went wrong in it */
export async function runRounds(scenario: Scenario, rounds: number): Promise<void> {
  load();
  await using all = await scenario.start();
  for (let index = 0; index < rounds; index++) {
    try {
      await all.round(index);
    } catch (error) {
      throw new Error(`round ${index} of ${scenario.name}: ${(error as Error).message}`, { cause: error });
    }
  }
}
