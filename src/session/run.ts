/** `sb run`: starts a command with probes in its process tree, waits for its end, undoes them and reports. */
import { chooseBackend } from "../probe/mod.ts";
import { requestOfRun } from "./asked.ts";
import type { DryRun, RunAsked, RunOptions, RunResult } from "./model.ts";
import { planRun, ProbedCommand } from "./probed_command.ts";

/** What a run would apply; nothing is changed. @throws SbError */
export function dryRun(asked: RunAsked): DryRun {
  const request = requestOfRun(asked);
  const { backend } = chooseBackend(request.backend, request.probes);
  const { probes, notes, choice } = planRun(request, backend);
  return {
    command: request.command,
    pid: null,
    backend,
    isolation: choice.isolation,
    isolationReason: choice.reason,
    probes: probes.map((probe) => ({ ...probe, floor: null })),
    notes,
  };
}

/**
 * Runs a command with probes from its exec to its end, in its process tree; it has this process's standard streams,
 * working directory, and the environment that this process was started with.
 *
 * @throws SbError before the command runs; nothing is left attached then: `usage.*`, `file.*`, `probe.*`,
 *   `permission.capability`, `isolation.unavailable`, `command.*`, `user.not_found`, `kernel.refused`
 */
export async function run(asked: RunAsked, options: RunOptions = {}): Promise<RunResult> {
  await using command = await ProbedCommand.open(asked, { repeats: false });
  return await command.run(options);
}
