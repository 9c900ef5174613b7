/** From targets as written to probes that a backend can apply; nothing is changed yet. */
import { SbError } from "../core/mod.ts";
import type { ProbePlan, ProbeRequest } from "../probe/mod.ts";
import { type LookupContext, planSites, resolve, type TargetFunction } from "../symbols/mod.ts";

/** What planning found. */
export interface Plan {
  probes: ProbePlan[];
  /** Sentences for the reader: functions of a pattern that were left out. */
  notes: string[];
}

/** How targets are looked up. */
export interface PlanOptions extends LookupContext {
  /** Whether uretprobes are accepted where return instructions cannot be decoded. */
  trampoline: boolean;
}

function planFunction(request: ProbeRequest, found: TargetFunction, options: PlanOptions): ProbePlan {
  const { how, sites } = planSites(found, { trampoline: options.trampoline });
  return {
    target: found.target,
    symbol: found.symbol,
    demangled: found.demangled,
    aliases: found.aliases,
    file: found.file,
    at: found.at,
    functionOffset: found.fileOffset,
    attach: how,
    sites,
    spec: request.spec,
  };
}

function isPerFunction(error: unknown): error is SbError {
  return error instanceof SbError &&
    (error.code === "probe.return_unsafe" || error.code.startsWith("probe.site_"));
}

/**
 * Resolves targets and chooses their sites. A function of a pattern that cannot be probed is left out and named in a
 * note; one that was named by itself is an error.
 *
 * @throws SbError of the grammar, of resolution (`file.*`, `probe.*`)
 */
export function planProbes(requests: readonly ProbeRequest[], options: PlanOptions): Plan {
  const probes: ProbePlan[] = [];
  const notes: string[] = [];
  for (const request of requests) {
    const { functions, notes: leftOut } = resolve(request.target, options);
    notes.push(...leftOut);
    const left: SbError[] = [];
    for (const found of functions) {
      try {
        probes.push(planFunction(request, found, options));
      } catch (error) {
        if (functions.length === 1 || !isPerFunction(error)) throw error;
        left.push(error);
      }
    }
    if (left.length === functions.length) throw left[0];
    if (left.length > 0) {
      notes.push(
        `${left.length} of ${functions.length} functions of "${request.target}" were left out; the first: ${
          left[0].message
        }`,
      );
    }
  }
  return { probes, notes };
}
