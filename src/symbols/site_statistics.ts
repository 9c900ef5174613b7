/** How many functions of a file can be probed how: for the benchmark, and to see what a change of the rules does. */
import { SbError } from "../core/mod.ts";
import { Code } from "./code_reader.ts";
import type { SiteClass, TargetFile } from "./model.ts";
import { returnSites, Undecided } from "./return_site.ts";
import { type Body } from "./site_body.ts";
import { entrySites } from "./site_entry.ts";

/** What {@linkcode siteStatistics} counts; every function is in `functions` once. */
export interface SiteStatistics {
  /** Starts of functions that symbols or frames name; parts of others and linkage tables are none. */
  functions: number;
  /** Those whose entry sites are all emulated. */
  cheap: number;
  /** Entry sites by class; of several, the dearest counts. */
  classes: Partial<Record<SiteClass, number>>;
  /** Those whose entry no instruction tells apart from a loop, or that take no breakpoint. */
  refused: number;
  /** Those whose returns are all known. */
  returnSites: number;
  /** Why the returns of the others are not, with how many. */
  returnReasons: Record<string, number>;
}

/**
 * Plans the entry and the return of every function of a file.
 *
 * @throws SbError `file.not_elf`, `file.not_found`, `file.unreadable`, `library.missing`
 */
export function siteStatistics(
  path: string,
  options: { machine?: TargetFile["machine"]; go?: boolean } = {},
): SiteStatistics {
  const machine = options.machine ?? Deno.build.arch;
  const code = new Code(path, machine);
  const found: SiteStatistics = {
    functions: 0,
    cheap: 0,
    classes: {},
    refused: 0,
    returnSites: 0,
    returnReasons: {},
  };
  const file: TargetFile = {
    path,
    openPath: path,
    device: 0,
    inode: 0n,
    sizeBytes: 0,
    modifiedNs: 0n,
    buildId: null,
    machine,
    go: options.go ?? false,
  };
  for (const start of functionStarts(code)) {
    const target = { target: path, symbol: "", demangled: null, aliases: [], file, fileOffset: start };
    const body: Body = {
      fn: { ...target, at: "entry", sizeBytes: 0, exact: false },
      code,
      range: { start, end: code.endOf(start) },
    };
    found.functions++;
    const kind = dearest(body);
    if (kind === null) found.refused++;
    else found.classes[kind] = (found.classes[kind] ?? 0) + 1;
    if (kind !== null && kind !== "stepped") found.cheap++;
    const why = whyNoReturns(body);
    if (why === null) found.returnSites++;
    else found.returnReasons[why] = (found.returnReasons[why] ?? 0) + 1;
  }
  return found;
}

/** Where functions begin: at symbols, and at frames that are entered as by a call. */
function* functionStarts(code: Code): Iterable<number> {
  yield* code.entries.keys();
  for (const frame of code.frames.all) {
    const { start } = frame;
    if (code.entries.has(start) || code.coldParts.has(start) || code.isLinkage(start)) continue;
    if (code.frames.isUnwound(frame, start)) yield start;
  }
}

function dearest(body: Body): SiteClass | null {
  try {
    const classes = entrySites(body).map((site) => site.class);
    return classes.find((one) => one === "stepped") ?? classes[0];
  } catch (error) {
    if (error instanceof SbError) return null;
    throw error;
  }
}

function whyNoReturns(body: Body): string | null {
  try {
    returnSites(body);
    return null;
  } catch (error) {
    if (error instanceof Undecided) return error.message;
    throw error;
  }
}
