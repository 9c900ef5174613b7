/** 4,096 targets at once, on two processors. */
import { fresh } from "../kernel_module.ts";
import { manyTargets } from "../many_targets.ts";
import { check } from "../timed/figures.ts";

Deno.test("4,096 targets are added, listed and removed in less than 10 s while processes map the file", async () => {
  using _module = fresh();
  check(await manyTargets(2, "offsets"));
});
