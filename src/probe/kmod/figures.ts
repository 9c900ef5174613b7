/** The figures of a target, from the module's list to those of a report. */
import { SbError } from "../../core/mod.ts";
import type { ProbeStatistics } from "../model.ts";
import { toStatistics } from "../statistics.ts";
import type { TargetRow } from "./rows.ts";

/** What a row and its histogram tell. @param histogram bucket → count; none when it keeps none */
export function figuresOf(
  row: TargetRow,
  histogram: ReadonlyMap<number, number> | undefined,
  shift: number,
): ProbeStatistics {
  const { hits, delayed, cut, misses, clipped, addedNs, overheadNs, minNs, maxNs } = row;
  return toStatistics({
    hits,
    delayed,
    cut,
    misses,
    clipped,
    addedNs,
    overheadNs,
    minNs: minNs ?? 0,
    maxNs: maxNs ?? 0,
    counts: [...histogram ?? []],
  }, shift);
}

/** What it means that a target is not in the list. */
export function goneTarget(target: string): SbError {
  return new SbError(
    "probe.not_found",
    `Cannot read the figures of "${target}": its target is gone, somebody else removed it`,
    { hint: "See what there is: cat /sys/kernel/speed_bump/targets_list" },
  );
}
