/** Which functions a run times, and where their breakpoints go. */
import { SbError } from "../core/mod.ts";
import type { TimedFunction } from "../probe/mod.ts";
import { planSites, resolve, type Site, type TargetFunction } from "../symbols/mod.ts";
import type { RunRequest } from "./model.ts";

/** What planning found. */
export interface TimingPlan {
  functions: TimedFunction[];
  /** In the order of their numbers. */
  groups: { name: string; notes: string[] }[];
}

/**
 * Finds the functions of each group with their entries and ways out. What cannot be timed is left out and named in a note.
 *
 * @param names of the group of each probe
 * @throws SbError of the grammar and of resolution; `usage.option` where the names are not as many as the probes
 */
export function planTiming(request: RunRequest, names: readonly string[]): TimingPlan {
  if (names.length !== request.probes.length) {
    throw new SbError(
      "usage.option",
      `Cannot time ${request.probes.length} targets in groups: ${names.length} groups are named`,
      { hint: "Name a group for each target" },
    );
  }
  const groups = [...new Set(names)].map((name): TimingPlan["groups"][number] => ({ name, notes: [] }));
  const functions: TimedFunction[] = [];
  for (const [index, { target }] of request.probes.entries()) {
    const group = groups.findIndex(({ name }) => name === names[index]);
    const { notes } = groups[group];
    const found = resolve(target.replace(/%return$/, ""), { command: request.command });
    notes.push(...found.notes);
    for (const each of found.functions) {
      try {
        functions.push({ file: each.file, group, ...placesOf(each, request) });
      } catch (error) {
        if (!isPerFunction(error)) throw error;
        notes.push(`"${each.symbol}" is not timed: ${error.message}`);
      }
    }
  }
  return { functions, groups };
}

/** Whether an error speaks of one function, not of the file or the system. */
function isPerFunction(error: unknown): error is SbError {
  return error instanceof SbError &&
    (error.code === "probe.return_unsafe" || error.code.startsWith("probe.site_"));
}

function placesOf(
  found: TargetFunction,
  { trampoline }: RunRequest,
): Pick<TimedFunction, "entries" | "returns"> {
  const leaving = planSites({ ...found, target: `${found.target}%return`, at: "return" }, { trampoline });
  if (leaving.how === "trampoline") {
    // On the first instruction, both see one execution, as the costs were measured.
    return { entries: firstInstruction(found), returns: { trampolineAt: found.fileOffset } };
  }
  const ways = new Set(leaving.sites.map(({ fileOffset }) => fileOffset));
  const candidates = [planSites({ ...found, at: "entry" }).sites, firstInstruction(found)];
  const entries = candidates.find((sites) => sites.every(({ fileOffset }) => !ways.has(fileOffset)));
  if (entries) return { entries, returns: leaving.sites };
  throw new SbError("probe.site_unprobeable", `Cannot time "${found.target}": it is a single instruction`, {
    hint: "Time a function that calls it",
  });
}

function firstInstruction(found: TargetFunction): Site[] {
  return planSites({ ...found, at: "entry", exact: true }).sites;
}
