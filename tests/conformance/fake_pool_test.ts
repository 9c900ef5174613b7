/** The suite on the fake pool: what unit tests stand on keeps to what the others do. */
import { poolConformance } from "./pool_suite.ts";
import { simulatedPoolStage } from "./simulated.ts";

for (const isolation of ["per-process", "shared"] as const) {
  poolConformance(`fake pool, ${isolation}`, () => simulatedPoolStage(isolation));
}
