/** From a command line that was read to what `sb count` is asked for. */
import type { CommandCountAsked, CountRequest } from "../../mod.ts";
import { SbError } from "../core/mod.ts";
import { type Invocation, optionValue } from "./parse.ts";
import { LEAST_INTERVAL_NS, readPid, readTime } from "./request.ts";

/** What is counted: a command, or a tree that runs. */
export type CountAsked = { command: CommandCountAsked } | { tree: CountRequest };

function refuse(seen: string, hint?: string): never {
  throw new SbError("usage.option", `Cannot start "sb count": ${seen}`, hint === undefined ? {} : { hint });
}

/** @throws SbError `usage.option`, `usage.time` */
export function countRequest(invocation: Invocation): CountAsked {
  const pid = optionValue(invocation, "pid");
  const command = invocation.operands;
  if (pid !== undefined) {
    if (command.length > 0) refuse("a command and --pid are both given, give one");
    if (optionValue(invocation, "user") !== undefined) refuse("--user is for a command, not for --pid");
    return {
      tree: {
        pid: readPid(pid),
        forNs: readTime(invocation, { option: "for", leastNs: 1 }),
        intervalNs: readTime(invocation, { option: "interval", leastNs: LEAST_INTERVAL_NS }),
      },
    };
  }
  if (command.length === 0) {
    refuse("a command or --pid PID is missing", "Name what is counted: sb count -- COMMAND");
  }
  for (const long of ["for", "interval"]) {
    if (optionValue(invocation, long) !== undefined) refuse(`--${long} is for --pid, not for a command`);
  }
  return { command: { command, fromOwnArguments: true, user: optionValue(invocation, "user") ?? null } };
}
