/** The conformance suite on the kernel module's backend. */
import { kmodStage } from "../../conformance/stages.ts";
import { conformance } from "../../conformance/suite.ts";

conformance("kmod", kmodStage);
