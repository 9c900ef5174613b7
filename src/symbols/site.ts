/** Where the breakpoints of a probe go: the cheapest exact entry, or every way out of the function. */
import { SbError, toHex } from "../core/mod.ts";
import { Code } from "./code_reader.ts";
import type { SitePlan, TargetFile, TargetFunction } from "./model.ts";
import { planReturn } from "./return_site.ts";
import type { Body } from "./site_body.ts";
import { entrySites } from "./site_entry.ts";
import { exactSite } from "./site_exact.ts";

/**
 * The code of files, shared by the targets in them: each target brings a TargetFile of its own. Weakly held, so that
 * it lives for one round of planning and a file that is rebuilt later is read anew.
 */
const codes = new Map<string, WeakRef<Code>>();

function codeOf(file: TargetFile): Code {
  const key = `${file.device}:${file.inode}:${file.modifiedNs}:${file.sizeBytes}:${file.openPath}`;
  const known = codes.get(key)?.deref();
  if (known) return known;
  const code = new Code(file.openPath, file.machine);
  codes.set(key, new WeakRef(code));
  return code;
}

/**
 * Plans where the breakpoints of a function go. Each call passes exactly one of the entry sites, exactly once. A
 * trampoline is refused for Go, and where an exception may cross the function unless `trampoline` is set.
 *
 * @throws SbError `probe.site_not_executable`, `probe.site_inside_instruction`, `probe.site_unprobeable`,
 * `probe.return_unsafe`, and `file.*` when the file cannot be read any more
 */
export function planSites(fn: TargetFunction, options: { trampoline?: boolean } = {}): SitePlan {
  const plans = planned.get(fn) ?? {};
  const which = options.trampoline ? "trampoline" : "exact";
  const plan = plans[which] ??= choosePlan(fn, options);
  planned.set(fn, plans);
  return plan;
}

/** What was planned for functions that somebody keeps (OpenFiles). */
const planned = new WeakMap<TargetFunction, { trampoline?: SitePlan; exact?: SitePlan }>();

function choosePlan(fn: TargetFunction, options: { trampoline?: boolean }): SitePlan {
  const code = codeOf(fn.file);
  const segment = code.segmentAt(fn.fileOffset);
  if (!segment) {
    throw new SbError(
      "probe.site_not_executable",
      `Cannot probe "${fn.target}": offset ${toHex(fn.fileOffset)} is outside the executable segments`,
      { hint: `List the functions with: sb symbols ${fn.file.path}` },
    );
  }
  const end = Math.min(
    segment.fileOffset + segment.bytes.length,
    code.endOf(fn.fileOffset, fn.exact ? 0 : fn.sizeBytes),
  );
  const body: Body = { fn, code, range: { start: fn.fileOffset, end } };
  if (fn.at === "return") {
    if (fn.exact && code.boundaryAt(fn.fileOffset) !== fn.fileOffset) throw notFunction(fn);
    return planReturn(body, options);
  }
  return { how: "sites", sites: fn.exact ? [exactSite(body)] : entrySites(body) };
}

function notFunction(fn: TargetFunction): SbError {
  return new SbError(
    "probe.return_unsafe",
    `Cannot probe the return of "${fn.target}": no function begins at ${toHex(fn.fileOffset)}`,
    { hint: `Name the function, or leave %return out: ${fn.target.replace(/%return$/, "")}` },
  );
}
