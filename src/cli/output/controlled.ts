/** Added probes, as text and as JSON (`docs/json.md`). Pure. */
import { type ControlledProbe, formatSpec, humanTime, meanDelayNs, type NamedProcess } from "../../../mod.ts";
import { toHex } from "../../core/mod.ts";
import type { Paint } from "./colour.ts";
import { alignColumns, type Column, humanCount } from "./columns.ts";
import { envelope, jsonLine } from "./envelope.ts";
import { exact, exactOrNull, floorMembers } from "./json.ts";

function processText({ pid, comm }: NamedProcess): string {
  return comm === null ? `${pid} (ended)` : `${pid} (${comm})`;
}

function scopeText({ scope }: ControlledProbe): string {
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

function processJson(process: NamedProcess | null) {
  return process === null ? null : { pid: process.pid, comm: process.comm };
}

function probeJson(probe: ControlledProbe) {
  const { scope, spec, statistics } = probe;
  return {
    id: probe.id,
    backend: probe.backend,
    isolation: probe.isolation,
    persistent: probe.persistent,
    owner: processJson(probe.owner),
    scope: scope.kind === "all"
      ? { kind: "all", pid: null, comm: null, members: null }
      : { kind: "tree", pid: scope.pid, comm: scope.comm, members: scope.members },
    tag: probe.tag,
    target: probe.target,
    file: { path: probe.file.path, build_id: probe.file.buildId, replaced: probe.state === "stale" },
    sites: probe.sites.map((site) => ({ file_offset: toHex(site.fileOffset), site: site.class })),
    state: probe.state,
    delay: spec.delayText,
    delay_ns: Math.round(meanDelayNs(spec.delay)),
    schedule: {
      every: spec.schedule.every,
      probability: spec.schedule.probability,
      times: spec.schedule.times,
      start_ns: spec.schedule.startNs,
      duration_ns: spec.schedule.durationNs,
      how: spec.how,
    },
    compensated: spec.compensate,
    ...floorMembers(probe.floor),
    hits: exact(statistics.hits),
    delayed: exact(statistics.delayed),
    cut: exact(statistics.cut),
    misses: exact(statistics.misses),
    clipped: exact(statistics.clipped),
    added_ns: exact(statistics.addedNs),
    overhead_ns: exact(statistics.overheadNs),
    min_ns: exactOrNull(statistics.minNs),
    mean_ns: exactOrNull(statistics.meanNs),
    max_ns: exactOrNull(statistics.maxNs),
    outside: exact(probe.outside),
  };
}

/** `add`, `update`, `remove` and `list --json`. */
export function controlledJson(
  { probes, notes }: { probes: readonly ControlledProbe[]; notes: string[] },
): string {
  return jsonLine({ ...envelope(), probes: probes.map(probeJson), notes });
}
