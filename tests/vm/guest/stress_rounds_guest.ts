/** A share of what scripts/stress does in hundreds of rounds. */
import { assertEquals } from "@std/assert";
import { skipUnless } from "../../skip.ts";
import { fresh } from "../kernel_module.ts";
import { runRounds, SCENARIOS } from "../stress/all.ts";
import { Reports } from "../stress/reports.ts";
import { load } from "../stress/scenario.ts";

const ROUNDS = 6;

for (const scenario of SCENARIOS.filter(({ patches }) => !patches)) {
  const lacking = scenario.lacking?.();
  Deno.test({
    ...skipUnless(`the kernel reports nothing in ${ROUNDS} rounds of ${scenario.name}`, {
      holds: lacking === undefined,
      why: lacking ?? "",
    }),
    async fn() {
      const reports = new Reports();
      await runRounds(scenario, ROUNDS);
      load();
      fresh();
      assertEquals(await reports.take(), []);
    },
  });
}
