/** The suite on the eBPF backend, in both ways of attaching. */
import { probeFeatures } from "../../src/probe/mod.ts";
import { ebpfStage } from "./stages.ts";
import { conformance } from "./suite.ts";

conformance("ebpf", () => ebpfStage(probeFeatures()));

// What kernels before 6.6 have: a perf event a site.
conformance("ebpf through perf events", () => ebpfStage({ ...probeFeatures(), uprobeMulti: false }));
