/** The backends that run on real programs, as stages of the suite. */
import { type EbpfFeatures, openEbpfSession, openKmodSession } from "../../src/probe/mod.ts";
import { RealProgram, type Stage } from "./program.ts";

/** Breakpoints in the file, whoever runs it: the program turns others away. */
export function ebpfStage(features: EbpfFeatures): Stage {
  return {
    traits: { outOfScope: "counted", sleeps: false, maxProbes: features.uprobeMulti ? 65_536 : 64 },
    start: () => RealProgram.start(),
    open: (plans, options) => openEbpfSession(plans, { ...options, windowsStart: "now", features }),
  };
}

/** Breakpoints in the processes of the scope alone. The module is loaded. */
export function kmodStage(): Stage {
  return {
    traits: { outOfScope: "untouched", sleeps: true, maxProbes: 4096 },
    start: () => RealProgram.start(),
    open: (plans, options) => openKmodSession(plans, options),
  };
}
