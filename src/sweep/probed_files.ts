/** The files that a sweep's functions are in: cells of a program that was built anew are not compared with earlier ones. Pure. */
import { SbError } from "../core/mod.ts";
import type { ProbePlan } from "../probe/mod.ts";

/** A file as it was when its functions were found. */
export interface ProbedFile {
  path: string;
  /** null where the linker left none. */
  buildId: string | null;
  sizeBytes: number;
  /** When its bytes were last written: RFC 3339, UTC. */
  modified: string;
}

/** The files of plans, each once, in the order of their paths. */
export function probedFiles(plans: Iterable<Pick<ProbePlan, "file">>): ProbedFile[] {
  const files = new Map<string, ProbedFile>();
  for (const { file: { path, buildId, sizeBytes, modifiedNs } } of plans) {
    const modified = new Date(Number(modifiedNs / 1_000_000n)).toISOString();
    files.set(path, { path, buildId, sizeBytes, modified });
  }
  return [...files.values()].sort((first, second) => first.path < second.path ? -1 : 1);
}

function isSame(before: ProbedFile, now: ProbedFile): boolean {
  if (before.buildId !== null || now.buildId !== null) return before.buildId === now.buildId;
  return before.sizeBytes === now.sizeBytes && before.modified === now.modified;
}

/**
 * Makes sure that a file that was probed has not been built anew since.
 *
 * @param options.journal path of the cells that are gone on with
 * @throws SbError `sweep.journal`
 */
export function requireSameFiles(
  before: readonly ProbedFile[],
  now: readonly ProbedFile[],
  { journal }: { journal: string },
): void {
  const changed = now.find((file) =>
    before.some((earlier) => earlier.path === file.path && !isSame(earlier, file))
  );
  if (changed === undefined) return;
  throw new SbError(
    "sweep.journal",
    `Cannot go on with "${journal}": "${changed.path}" was built anew since its cells ran`,
    {
      hint: "Begin again: --force; or keep it, and name another: --results NAME",
      data: { path: changed.path },
    },
  );
}
