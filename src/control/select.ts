/** From what a user writes to the probes that are meant: an id, a tag, a target. */
import { nearestNames, SbError } from "../core/mod.ts";
import { resolve } from "../symbols/mod.ts";
import type { ControlledProbe } from "./model.ts";

/** Ids of the backends: k of the kernel module, e of eBPF. */
const ID = /^[ke]\d+$/;

function notFound(operand: string, probes: readonly ControlledProbe[]): SbError {
  const kind = ID.test(operand)
    ? "no probe has that id"
    : operand.startsWith("@")
    ? "no probe has that tag"
    : "no probe without an owner has that target";
  const names = probes.flatMap(({ id, tag, target, owner }) => [
    ...id === null ? [] : [id],
    ...tag === null ? [] : [`@${tag}`],
    ...owner === null ? [target] : [],
  ]);
  const nearest = nearestNames(operand, names, 3);
  const owned = probes.filter(({ target, owner }) => owner !== null && target === operand);
  const hint = owned.length > 0
    ? `Name an owned probe by its id: ${owned.map(({ id }) => id).join(", ")}`
    : nearest.length > 0
    ? `Did you mean ${nearest.join(", ")}?`
    : "List the probes: sb list";
  return new SbError("probe.not_found", `Cannot find the probe "${operand}": ${kind}`, {
    hint,
    data: { candidates: nearest },
  });
}

/** The canonical targets that a target as written means now; none when it cannot be resolved. */
function canonicalTargets(operand: string): Set<string> {
  try {
    return new Set(resolve(operand, {}).functions.map(({ target }) => target));
  } catch (error) {
    if (error instanceof SbError) return new Set();
    throw error;
  }
}

/**
 * Finds the probes that an operand means: `k12` or `e3` one, `@TAG` one, a target those of its name without an owner, in
 * every scope; a pattern may mean several.
 *
 * @param probes those with an id
 * @throws SbError `probe.not_found`, with the nearest names
 */
export function selectProbes(operand: string, probes: readonly ControlledProbe[]): ControlledProbe[] {
  const found = findProbes(operand, probes);
  if (found.length > 0) return found;
  throw notFound(operand, probes);
}

function findProbes(operand: string, probes: readonly ControlledProbe[]): ControlledProbe[] {
  if (ID.test(operand)) return probes.filter(({ id }) => id === operand);
  if (operand.startsWith("@")) return probes.filter(({ tag }) => tag === operand.slice(1));
  const free = probes.filter(({ owner }) => owner === null);
  const same = free.filter(({ target }) => target === operand);
  if (same.length > 0) return same;
  const targets = canonicalTargets(operand);
  return free.filter(({ target }) => targets.has(target));
}
