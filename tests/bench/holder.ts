/** Holds a probe on bench_target's f_push until it is killed. Argument: the delay in nanoseconds. */
import { fixture } from "../fixtures/build.ts";
import { openProbes, request } from "./target.ts";

await using _probes = openProbes([request(`${fixture("bench_target")}:f_push`, Number(Deno.args[0]))]);
console.log("live");
await new Promise((resolve) => setTimeout(resolve, 60_000));
