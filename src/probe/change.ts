/** What an update of a live probe means: which specification it makes, and what begins anew. Pure. */
import type { ProbeSpec } from "./model.ts";
import type { ProbeChange } from "./pool.ts";
import { specOf } from "./spec.ts";

/** The specification that a change makes of another; what it does not name is kept. */
export function changeSpec(spec: ProbeSpec, { delay, delayText, settings }: ProbeChange): ProbeSpec {
  const { schedule, how, compensate } = spec;
  return specOf(delayText ?? spec.delayText, delay ?? spec.delay, {
    ...schedule,
    how,
    compensate,
    ...settings,
  });
}

/** What a change begins anew: naming a counter or the window does, whatever its value. */
export function restartsOf(
  { settings = {} }: ProbeChange,
): { hits: boolean; times: boolean; window: boolean } {
  const names = (...keys: string[]) => keys.some((key) => Object.hasOwn(settings, key));
  return { hits: names("every"), times: names("times"), window: names("startNs", "durationNs") };
}
