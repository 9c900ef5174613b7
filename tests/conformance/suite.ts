/** What every backend must do: one suite over the backend interface, on programs of a stage. */
import { delayCases } from "./delay_cases.ts";
import { endingCases } from "./ending_cases.ts";
import { planFor, type Stage } from "./program.ts";
import { repeatCases } from "./repeat_cases.ts";
import { request } from "./rig.ts";
import { scheduleCases } from "./schedule_cases.ts";
import { scopeCases } from "./scope_cases.ts";
import { sessionCases } from "./session_cases.ts";
import { siteCases } from "./site_cases.ts";

/** Registers the suite. @param name of the backend, in every title @param makeStage a stage for each case */
export function conformance(name: string, makeStage: () => Stage): void {
  // A library opened in a test counts as that test's leak: open what sb keeps open before.
  planFor([request("f_push", 0)]);
  for (
    const cases of [delayCases, scheduleCases, scopeCases, siteCases, endingCases, sessionCases, repeatCases]
  ) {
    cases((title, run) => Deno.test(`${name}: ${title}`, () => run(makeStage())));
  }
}
