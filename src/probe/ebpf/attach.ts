/** Puts breakpoints on the sites of one file: one uprobe_multi link, or a perf event a site on kernels before 6.6. */
import {
  errnoName,
  errnoText,
  openPerfLink,
  openUprobeEvent,
  openUprobeMulti,
  openUprobeMultiInBackground,
  OwnedFd,
  type UprobeMultiOptions,
} from "../../../ffi/mod.ts";
import { SbError } from "../../core/mod.ts";
import type { EbpfFeatures } from "./features.ts";

/** Most sites without uprobe_multi: each takes about 100 ms to detach. */
export const MAX_PERF_SITES = 64;

/** Breakpoints of one kind in one file. */
export interface AttachPlan {
  /** The path as the user knows it, for errors. */
  file: string;
  /** A path to the inode to probe. */
  path: string;
  isReturn: boolean;
  sites: readonly { fileOffset: number; cookie: bigint }[];
  /** Only this process's address space. */
  pid?: number;
}

function multiOptions(plan: AttachPlan): UprobeMultiOptions {
  return {
    path: plan.path,
    fileOffsets: plan.sites.map((site) => site.fileOffset),
    cookies: plan.sites.map((site) => site.cookie),
    isReturn: plan.isReturn,
    ...(plan.pid === undefined ? {} : { pid: plan.pid }),
  };
}

/** Attaches. @returns the links that keep the breakpoints in place, all or nothing. @throws SbError */
export function attachSites(program: OwnedFd, plan: AttachPlan, features: EbpfFeatures): OwnedFd[] {
  if (!features.uprobeMulti) return attachPerf(program, plan, features);
  const link = openUprobeMulti(program, multiOptions(plan));
  if (link instanceof OwnedFd) return [link];
  throw attachError(plan, -link);
}

/** {@linkcode attachSites} away from the main thread, where the kernel has uprobe_multi. */
export async function attachInBackground(
  program: OwnedFd,
  plan: AttachPlan,
  features: EbpfFeatures,
): Promise<OwnedFd[]> {
  if (!features.uprobeMulti) return attachPerf(program, plan, features);
  const link = await openUprobeMultiInBackground(program, multiOptions(plan));
  if (link instanceof OwnedFd) return [link];
  throw attachError(plan, -link);
}

function attachPerf(program: OwnedFd, plan: AttachPlan, features: EbpfFeatures): OwnedFd[] {
  if (plan.sites.length > MAX_PERF_SITES) {
    throw new SbError(
      "probe.too_many",
      `Cannot attach to "${plan.file}": ${plan.sites.length} sites, but this kernel has no uprobe_multi (6.6) and detaching takes 100 ms a site`,
      { hint: `Narrow the target to at most ${MAX_PERF_SITES} functions`, data: { limit: MAX_PERF_SITES } },
    );
  }
  using undo = new DisposableStack();
  const links = plan.sites.map((site) => {
    // The link holds the event.
    using event = openUprobeEvent({
      pmuType: features.uprobePmu ?? 0,
      path: plan.path,
      fileOffset: site.fileOffset,
      isReturn: plan.isReturn,
      ...(plan.pid === undefined ? {} : { pid: plan.pid }),
    });
    return undo.use(openPerfLink(program, event, site.cookie));
  });
  undo.move();
  return links;
}

function attachError(plan: AttachPlan, errno: number): SbError {
  const data = { call: "bpf(BPF_LINK_CREATE)", errno: errnoName(errno), file: plan.file };
  if (errnoName(errno) === "ENOTSUPP" || errnoName(errno) === "EOPNOTSUPP") {
    return new SbError(
      "probe.site_unprobeable",
      `Cannot attach to "${plan.file}": the kernel refuses a breakpoint on one of ${plan.sites.length} instructions`,
      { hint: `List what can be probed: sb symbols ${plan.file}`, data },
    );
  }
  return new SbError("kernel.refused", `Cannot attach to "${plan.file}": ${errnoText(errno)}`, { data });
}
