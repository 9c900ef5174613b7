/** The conformance suite of pools on the kernel module's. */
import { kmodPoolStage } from "../../conformance/pool_stages.ts";
import { poolConformance } from "../../conformance/pool_suite.ts";

poolConformance("kmod pool", kmodPoolStage);
