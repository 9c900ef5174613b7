/** Added probes, as text and as JSON (`docs/json.md`). Pure. */
import {
  type ControlledProbe,
  formatSpec,
  humanTime,
  listedDocument,
  type NamedProcess,
} from "../../../mod.ts";
import { type Paint, toHex } from "../../core/mod.ts";
import { alignColumns, type Column, humanCount } from "./columns.ts";
import { envelope, jsonLine } from "./envelope.ts";

function processText({ pid, comm }: NamedProcess): string {
  return comm === null ? `${pid} (ended)` : `${pid} (${comm})`;
}

function scopeText({ scope }: ControlledProbe): string {
  if (scope.kind === "cgroup") return `cgroup ${scope.path}`;
  return scope.kind === "all" ? "all processes" : processText(scope);
}

function idText({ id }: ControlledProbe): string {
  return id ?? "-";
}

/** `0x1234 push`, several joined by `+`. */
function siteText({ sites }: ControlledProbe): string {
  return sites.map((site) => [toHex(site.fileOffset), site.class ?? []].flat().join(" ")).join(" + ") || "-";
}

/** A column, and what stands in it. */
type Field = Column & { cell: (probe: ControlledProbe) => string };

const ID: Field = { title: "ID", align: "left", cell: idText };
const TARGET: Field = { title: "TARGET", align: "left", cell: ({ target }) => target };
const ASKED: Field = { title: "DELAY", align: "left", cell: ({ spec }) => formatSpec(spec) };
const SCOPE: Field = { title: "SCOPE", align: "left", cell: scopeText };
const BACKEND: Field = { title: "BACKEND", align: "left", cell: ({ backend }) => backend };
const TAG: Field = { title: "TAG", align: "left", cell: ({ tag }) => tag ?? "-" };
const OWNER: Field = {
  title: "OWNER",
  align: "left",
  cell: ({ owner }) => owner === null ? "-" : processText(owner),
};
const STATE: Field = { title: "STATE", align: "left", cell: ({ state }) => state };
const FIGURES: readonly Field[] = [
  { title: "HITS", align: "right", cell: ({ statistics }) => humanCount(statistics.hits) },
  { title: "DELAYED", align: "right", cell: ({ statistics }) => humanCount(statistics.delayed) },
  {
    title: "ADDED",
    align: "right",
    cell: ({ statistics }) => statistics.delayed === 0 ? "-" : humanTime(statistics.addedNs),
  },
];

function table(fields: readonly Field[], probes: readonly ControlledProbe[], paint: Paint): string {
  if (probes.length === 0) return "no probes\n";
  const [titles, ...rows] = alignColumns(
    fields,
    probes.map((probe) => fields.map(({ cell }) => cell(probe))),
  );
  return [paint.bold(titles), ...rows, ""].join("\n");
}

/** Columns that say nothing about any of the probes are left out. */
function telling(probes: readonly ControlledProbe[]): Field[] {
  return [
    ...probes.some(({ tag }) => tag !== null) ? [TAG] : [],
    ...probes.some(({ owner }) => owner !== null) ? [OWNER] : [],
  ];
}

/** Probes with their figures. */
export function listText(probes: readonly ControlledProbe[], paint: Paint): string {
  return table([ID, TARGET, ASKED, ...FIGURES, SCOPE, ...telling(probes), BACKEND, STATE], probes, paint);
}

/** Probes that were just added, with their sites. */
export function addedText(probes: readonly ControlledProbe[], paint: Paint): string {
  const site: Field = { title: "SITE", align: "left", cell: siteText };
  return table([ID, TARGET, ASKED, site, SCOPE, ...telling(probes), BACKEND], probes, paint);
}

/** `add`, `update`, `remove` and `list --json`. */
export function controlledJson(
  { probes, notes }: { probes: readonly ControlledProbe[]; notes: string[] },
): string {
  return jsonLine({ ...envelope(), probes: probes.map(listedDocument), notes });
}
