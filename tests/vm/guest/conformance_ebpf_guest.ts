/** The conformance suite on the eBPF backend of the guest's kernel, with what that kernel has. */
import { probeFeatures } from "../../../src/probe/mod.ts";
import { ebpfStage } from "../../conformance/stages.ts";
import { conformance } from "../../conformance/suite.ts";

conformance("ebpf", () => ebpfStage(probeFeatures()));
