/** `sweep()` of the library, which loads the rest when it is called: that needs packages, and most scripts never do. */
import { VERSION } from "../core/version.ts";
import type { SweepAsked, SweepHooks, SweepResult } from "./mod.ts";

// A computed name: Deno reads the graph of a literal one before the first line runs.
const REST = new URL("./mod.ts", import.meta.url).href;

/**
 * Finds out which of several functions matters to a result, and by how much: runs a command again and again, each time with
 * one of them slower, and analyses how the result responds.
 *
 * @param asked the experiment; what is left out is as `sb sweep` has it
 * @param hooks `onCell` is told of each run as it ends, `signal` ends the sweep and has it analyse what is there
 * @throws SbError `usage.*`, `file.*`, `probe.*`, `permission.capability`, `command.*`, `sweep.exists`, `sweep.journal`,
 *   `sweep.command`, `sweep.empty`, `output.unwritable`, `kernel.refused`
 */
export async function sweep(asked: SweepAsked, hooks: SweepHooks = {}): Promise<SweepResult> {
  const { sweepAsked }: typeof import("./mod.ts") = await import(REST);
  return await sweepAsked(asked, { ...hooks, version: VERSION });
}
