/** The breakpoints of a session: which slot each counts in, which floor it has, under which condition it is a hit. */
import { floorClassNumber, floorClassOf, siteKey } from "../floor.ts";
import type { ProbePlan } from "../model.ts";
import type { SiteCookie } from "./layout.ts";

/** A breakpoint. */
export interface SiteRow extends SiteCookie {
  plan: ProbePlan;
  fileOffset: number;
  isReturn: boolean;
}

/**
 * A row a breakpoint, in the order of the plans; of several probes on one site, the first carries the floor.
 *
 * @param entrySlots plan → slot of its entry counter, for plans with a return trampoline
 */
export function planSiteRows(
  plans: readonly ProbePlan[],
  entrySlots: ReadonlyMap<number, number>,
): SiteRow[] {
  const seen = new Set<string>();
  const rows: SiteRow[] = [];
  plans.forEach((plan, slot) => {
    const isReturn = plan.attach === "trampoline";
    const sites = isReturn ? [{ fileOffset: plan.functionOffset }] : plan.sites;
    sites.forEach((site, index) => {
      const key = siteKey(plan, site.fileOffset);
      const floorClass = seen.has(key) ? 0 : floorClassNumber(floorClassOf(plan, index));
      seen.add(key);
      const condition = isReturn ? undefined : plan.sites[index].condition;
      rows.push({
        plan,
        fileOffset: site.fileOffset,
        isReturn,
        slot,
        floorClass,
        ...(condition ? { condition } : {}),
      });
    });
    const entrySlot = entrySlots.get(slot);
    if (entrySlot !== undefined) {
      rows.push({ plan, fileOffset: plan.functionOffset, isReturn: false, slot: entrySlot, floorClass: 0 });
    }
  });
  return rows;
}
