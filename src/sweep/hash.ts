/** The hash that tells the cells of one experiment from those of another. Pure. */
import type { Experiment } from "./model.ts";

/**
 * Hash of what makes cells comparable: command, metric, targets, seed. Delays and repeats are not in it, so that a sweep can
 * go on with more of both.
 */
export async function hashExperiment({ command, metric, targets, seed }: Experiment): Promise<string> {
  const text = JSON.stringify([
    command,
    Object.entries(metric).sort(([first], [second]) => first < second ? -1 : 1),
    targets.map((target) => [target.name, target.targets]),
    seed,
  ]);
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return bytes.subarray(0, 8).toHex();
}
