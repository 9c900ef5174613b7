/** The site program of probes that come and go: it has every feature, and each slot's flags choose among them. */
import type { OwnedFd } from "../../../ffi/mod.ts";
import { readKernelTypes } from "../../sys/mod.ts";
import type { EbpfFeatures } from "./features.ts";
import { loadAssembled } from "./load.ts";
import { type ProgramMaps, siteProgram } from "./programs.ts";

/** Loads it. @param options.name up to 15 characters, `sb_` first @throws SbError `backend.verifier`, `permission.capability` */
export function loadChoosingProgram(
  maps: ProgramMaps,
  { name, features }: { name: string; features: EbpfFeatures },
): OwnedFd {
  const { assembler, callbacks } = siteProgram(
    {
      filter: true,
      timed: true,
      distribution: true,
      window: true,
      ordered: true,
      probability: true,
      condition: true,
      yielding: features.sleepable,
      bySlot: true,
    },
    maps,
    { pendingSignals: readKernelTypes().offsetOf("task_struct", "pending.signal") },
  );
  return loadAssembled(assembler, {
    name,
    type: features.uprobeMulti ? "uprobe_multi" : "uprobe",
    sleepable: features.sleepable,
    callbacks,
  });
}
