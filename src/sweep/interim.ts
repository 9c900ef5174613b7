/** Until functions can be timed. */
import type { RunAsked } from "../session/mod.ts";

/** Knows no times. */
export function timeFunctions(
  _asked: RunAsked,
  _options: unknown,
): Promise<{ target: string; inclusiveNs: number | null }[]> {
  return Promise.resolve([]);
}
