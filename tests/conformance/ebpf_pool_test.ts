/** The suite on the eBPF pool, in both kinds of isolation. */
import { probeFeatures } from "../../src/probe/mod.ts";
import { ebpfPoolStage } from "./pool_stages.ts";
import { poolConformance } from "./pool_suite.ts";

for (const isolation of ["per-process", "shared"] as const) {
  poolConformance(`ebpf pool, ${isolation}`, () => ebpfPoolStage(isolation));
}

// What kernels before 6.6 have: a perf event a site.
poolConformance(
  "ebpf pool through perf events",
  () => ebpfPoolStage("shared", { ...probeFeatures(), uprobeMulti: false }),
);
