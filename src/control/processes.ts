/** Processes as the verbs show and accept them. */
import { isGone, readProcessName } from "../sys/mod.ts";
import type { NamedProcess } from "./model.ts";

/** A process and its name; without one when it has ended. */
export function namedProcess(pid: number): NamedProcess {
  try {
    return { pid, comm: readProcessName(pid) };
  } catch (error) {
    if (isGone(error)) return { pid, comm: null };
    throw error;
  }
}
