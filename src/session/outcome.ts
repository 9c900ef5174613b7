/** How a command went, from what the kernel told of its end. */
import type { CommandEnd } from "../command/mod.ts";
import { signalName } from "../sys/mod.ts";
import type { CommandOutcome } from "./model.ts";

/** @param startedNs CLOCK_MONOTONIC of its exec, nanoseconds */
export function outcomeOf(
  end: CommandEnd,
  { command, startedNs }: { command: readonly string[]; startedNs: bigint },
): CommandOutcome {
  return {
    command,
    exit: end.exitCode,
    signal: end.signal === null ? null : signalName(end.signal),
    wallNs: Number(end.endedNs - startedNs),
    userNs: end.userNs,
    sysNs: end.sysNs,
    maxRssBytes: end.maxRssBytes,
  };
}
