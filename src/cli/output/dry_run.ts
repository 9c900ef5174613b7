/** The plan of `--dry-run`, as text. Pure. */
import { type DryRun, formatSpec, humanTime } from "../../../mod.ts";
import { type Paint, toHex } from "../../core/mod.ts";
import { alignColumns, humanCount } from "./columns.ts";
import { commandLine } from "./text.ts";

/** What would be applied: each site on a line, then notes. */
export function dryRunText(plan: DryRun, paint: Paint): string {
  const what = plan.command ? `sb run ${commandLine(plan.command)}` : `sb attach ${plan.pid}`;
  const why = plan.isolationReason === null ? "" : ` (${plan.isolationReason})`;
  const rows = plan.probes.flatMap((probe) => {
    const places = probe.attach === "trampoline"
      ? [[toHex(probe.functionOffset), "return trampoline", "trampoline"]]
      : probe.sites.map((site) => [toHex(site.fileOffset), site.instruction, site.class]);
    const floor = probe.floor?.source === "calibrated" ? humanTime(probe.floor.ns) : "unknown";
    return places.map((place, index) =>
      index === 0 ? [probe.target, formatSpec(probe.spec), ...place, floor] : ["", "", ...place, ""]
    );
  });
  const [titles, ...lines] = alignColumns([
    { title: "TARGET", align: "left" },
    { title: "ASKED", align: "left" },
    { title: "OFFSET", align: "right" },
    { title: "INSTRUCTION", align: "left" },
    { title: "SITE", align: "left" },
    { title: "FLOOR", align: "right" },
  ], rows);
  const sites = rows.length === 1 ? "1 site" : `${humanCount(rows.length)} sites`;
  const probes = plan.probes.length === 1 ? "1 probe" : `${humanCount(plan.probes.length)} probes`;
  return [
    `${paint.bold(what)}`,
    `  dry run  ${probes}, ${sites}  ${plan.backend}, ${plan.isolation}${why}`,
    "",
    paint.bold(titles),
    ...lines,
    ...(plan.notes.length > 0 ? ["", ...plan.notes.map((note) => `${paint.bold("note:")} ${note}`)] : []),
    "",
  ].join("\n");
}
