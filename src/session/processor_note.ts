/** What delays on a processor do to each other in kernels before 6.6. */
import { type BackendName, greatestDelayNs, probeFeatures, type ProbeSpec } from "../probe/mod.ts";

/** Between two looks around a delay lets nobody else run, so that nobody can wait for it. */
const LOOKS_EVERY_NS = 60_000;

/**
 * A sentence where delays that begin on one processor wait for each other; nothing where they do not, or are too short for it.
 *
 * Probes through perf events take the buffer of the processor that they begin on, under a mutex that is held until the program
 * has ended, delay and all: `uprobe_buffer_get()`, kernel/trace/trace_uprobe.c. Those through uprobe_multi (6.6) have none.
 */
export function processorNotes(backend: BackendName, specs: readonly Pick<ProbeSpec, "delay">[]): string[] {
  if (backend !== "ebpf" || specs.every(({ delay }) => greatestDelayNs(delay) <= LOOKS_EVERY_NS)) return [];
  if (probeFeatures().uprobeMulti) return [];
  return [
    "before Linux 6.6 delays that begin on the same processor wait for each other, and any probe that is hit there waits with them; --backend=kmod has no such limit",
  ];
}
