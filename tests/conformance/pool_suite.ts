/** What every pool must do: one suite over the interface, on programs of a stage. */
import { poolChangeCases } from "./pool_change_cases.ts";
import { poolEndingCases } from "./pool_ending_cases.ts";
import type { PoolStage } from "./pool_rig.ts";
import { poolScopeCases } from "./pool_scope_cases.ts";
import { planFor } from "./program.ts";
import { request } from "./rig.ts";

/** Registers the suite. @param name of the pool, in every title @param makeStage a stage for each case */
export function poolConformance(name: string, makeStage: () => PoolStage): void {
  // A library opened in a test counts as that test's leak: open what sb keeps open before.
  planFor([request("f_push", 0)]);
  for (const cases of [poolChangeCases, poolScopeCases, poolEndingCases]) {
    cases((title, run) => Deno.test(`${name}: ${title}`, () => run(makeStage())));
  }
}
