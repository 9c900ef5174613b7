/** 4,096 targets at once, in deterministic time. */
import { fresh } from "../kernel_module.ts";
import { manyTargets } from "../many_targets.ts";
import { check } from "./figures.ts";

for (const [processes, naming] of [[1, "symbols"], [10, "symbols"], [10, "offsets"]] as const) {
  Deno.test(`4,096 targets are added, listed and removed in less than 10 s: ${processes} processes, by ${naming}`, async () => {
    using _module = fresh();
    check(await manyTargets(processes, naming));
  });
}
