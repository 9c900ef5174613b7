/** Holds a probe of a pool until it is killed. Arguments: a process, a function of its program, the delay in nanoseconds. */
import { openEbpfPool } from "../../src/probe/mod.ts";
import { planFor } from "../conformance/program.ts";
import { request } from "../conformance/rig.ts";

const [pid, place, ns] = Deno.args;
await openEbpfPool().add(planFor([request(place, Number(ns))]), {
  scope: { kind: "tree", pid: Number(pid), scan: () => [Number(pid)], guarded: false },
  isolation: "per-process",
});
console.log("live");
await new Promise((resolve) => setTimeout(resolve, 60_000));
