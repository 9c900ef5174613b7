/** What a reader of added probes must know beyond the table. Pure. */
import type { Paint } from "../../core/mod.ts";
import { type AddResult, type ControlResult, humanTime } from "../../../mod.ts";
import { humanCount } from "./columns.ts";

/** A line on stderr. */
export interface Remark {
  kind: "warning" | "note" | "hint";
  text: string;
}

/** Remarks as lines. */
export function remarkLines(remarks: readonly Remark[], paint: Paint): string {
  return remarks.map(({ kind, text }) => {
    const word = `${kind}:`;
    return `${kind === "warning" ? paint.caution(word) : paint.bold(word)} ${text}\n`;
  }).join("");
}

/** After `sb add`. */
export function addWarnings({ probes, notes, backend, enabled, bystanders }: AddResult): Remark[] {
  const remarks: Remark[] = [];
  const files = [...new Set(probes.map(({ file }) => file.path))].join(", ");
  if (probes.some(({ scope }) => scope.kind === "all")) {
    remarks.push({
      kind: "warning",
      text: `every process that runs ${files} is slowed, services of the system too`,
    });
  } else if (bystanders > 0) {
    const many = bystanders === 1 ? "1 process" : `${humanCount(bystanders)} processes`;
    remarks.push({
      kind: "note",
      text: `isolation shared: ${many} out of scope map ${files}, and pay the trap at each call (no delay)`,
    });
  }
  remarks.push(...notes.map((text): Remark => ({ kind: "note", text })));
  if (!enabled) {
    remarks.push({ kind: "hint", text: `The probes take effect after: sudo sb enable (${backend})` });
  }
  return remarks;
}

/** After `sb list`, `sb update` and `sb remove`. */
export function listWarnings({ probes, notes }: ControlResult): Remark[] {
  const remarks: Remark[] = notes.map((text) => ({ kind: "note", text }));
  const stale = probes.filter(({ state }) => state === "stale");
  if (stale.length > 0) {
    const which = stale.map(({ id, target }) => id ?? target).join(", ");
    remarks.push({
      kind: "warning",
      text: `another file is at the path of ${which}: what started after that is not probed`,
    });
    remarks.push({ kind: "hint", text: "Remove and add again what should apply to the new file" });
  }
  const outside = probes.reduce((sum, probe) => sum + probe.outside, 0);
  if (outside > 0) {
    const costNs = probes.reduce((sum, probe) => sum + probe.outside * probe.floor.ns, 0);
    remarks.push({
      kind: "note",
      text: `processes out of scope trapped ${humanCount(outside)} times: about ${
        humanTime(costNs)
      } of theirs (isolation shared)`,
    });
  }
  return remarks;
}
