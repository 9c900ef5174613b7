import { openEbpfSession, probeFeatures } from "../../src/probe/mod.ts";
import { conformance } from "./suite.ts";

conformance("ebpf", (plans, { filter }) => openEbpfSession(plans, { filter, windowsStart: "now" }));

// What kernels before 6.6 have: a perf event a site.
conformance("ebpf through perf events", (plans, { filter }) => {
  const features = { ...probeFeatures(), uprobeMulti: false };
  return openEbpfSession(plans, { filter, windowsStart: "now", features });
});
