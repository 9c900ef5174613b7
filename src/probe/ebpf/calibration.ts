/** The hits by which floors are calibrated. */
import type { ProbeSpec } from "../model.ts";

/** The delay of calibration's hits, nanoseconds: long enough for the timed path, short enough to be quick. */
const CALIBRATION_DELAY_NS = 1000;

/** What calibration asks of its sites. */
export const CALIBRATION_SPEC: ProbeSpec = {
  delayText: "calibration",
  delay: { kind: "fixed", ns: CALIBRATION_DELAY_NS },
  schedule: { every: 1, probability: 1, times: null, startNs: 0, durationNs: null },
  how: "spin",
  compensate: false,
};
