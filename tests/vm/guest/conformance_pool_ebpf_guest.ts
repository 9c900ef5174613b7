/** The conformance suite of pools on eBPF, in the ways that this kernel has. */
import { probeFeatures } from "../../../src/probe/mod.ts";
import { ebpfPoolStage } from "../../conformance/pool_stages.ts";
import { poolConformance } from "../../conformance/pool_suite.ts";

// Without uprobe_multi (6.6) a breakpoint is in every process of the file, and the program turns others away.
if (probeFeatures().uprobeMulti) {
  poolConformance("ebpf pool, per-process", () => ebpfPoolStage("per-process"));
}
poolConformance("ebpf pool, shared", () => ebpfPoolStage("shared"));
