/** The backends of added probes, as text and as JSON (`docs/json.md`). Pure. */
import { type BackendStatus, formatTime, humanTime } from "../../../mod.ts";
import { exact, exactOrNull, type Paint } from "../../core/mod.ts";
import { alignColumns, type Column, humanCount } from "./columns.ts";
import { envelope, jsonLine } from "./envelope.ts";

const COLUMNS: readonly Column[] = [
  { title: "BACKEND", align: "left" },
  { title: "ENABLED", align: "left" },
  { title: "DEFAULT DELAY", align: "right" },
  { title: "PROBES", align: "right" },
  { title: "OWNED", align: "right" },
  { title: "HITS", align: "right" },
  { title: "ADDED", align: "right" },
];
const ABSENT: Readonly<Record<BackendStatus["backend"], string>> = {
  kmod: "not loaded",
  ebpf: "nothing pinned",
};

/** A line a backend. */
export function statusText(statuses: readonly BackendStatus[], paint: Paint): string {
  const [titles, ...rows] = alignColumns(
    COLUMNS,
    statuses.map(({ backend, enabled, defaultDelayNs, totals }) =>
      totals
        ? [
          backend,
          enabled ? "yes" : "no",
          formatTime(defaultDelayNs ?? 0),
          humanCount(totals.probes),
          humanCount(totals.owned),
          humanCount(totals.hits),
          humanTime(totals.addedNs),
        ]
        : [backend, ABSENT[backend], "-", "-", "-", "-", "-"]
    ),
  );
  return [paint.bold(titles), ...rows, ""].join("\n");
}

/** What `sb delay` prints: the time alone where all backends agree. */
export function delayText(statuses: readonly BackendStatus[]): string {
  const present = statuses.filter(({ defaultDelayNs }) => defaultDelayNs !== null);
  const times = new Set(present.map(({ defaultDelayNs }) => formatTime(defaultDelayNs ?? 0)));
  if (times.size === 0) return "1ms\n";
  if (times.size === 1) return `${[...times][0]}\n`;
  return present.map(({ backend, defaultDelayNs }) => `${backend} ${formatTime(defaultDelayNs ?? 0)}\n`).join(
    "",
  );
}

/** What `sb enable` and `sb disable` print. */
export function enabledText(enabled: boolean, backends: readonly BackendStatus[]): string {
  const word = enabled ? "enabled" : "disabled";
  if (backends.length === 0) return `${word}: there are no probes\n`;
  return backends.map(({ backend, totals }) => {
    const count = totals?.probes ?? 0;
    return `${word}: ${backend}, ${count === 1 ? "1 probe" : `${humanCount(count)} probes`}\n`;
  }).join("");
}

function backendJson({ backend, present, enabled, defaultDelayNs, totals }: BackendStatus) {
  return {
    backend,
    present,
    enabled,
    default_delay_ns: defaultDelayNs,
    probes: totals?.probes ?? null,
    owned: totals?.owned ?? null,
    hits: exactOrNull(totals?.hits ?? null),
    delayed: exactOrNull(totals?.delayed ?? null),
    added_ns: exactOrNull(totals?.addedNs ?? null),
    untracked: exactOrNull(totals?.untracked ?? null),
  };
}

/** `status` and `delay --json`. */
export function statusJson(statuses: readonly BackendStatus[]): string {
  return jsonLine({ ...envelope(), backends: statuses.map(backendJson) });
}

/** `enable` and `disable --json`. */
export function enabledJson(
  enabled: boolean,
  { backends, notes }: { backends: readonly BackendStatus[]; notes: readonly string[] },
): string {
  return jsonLine({ ...envelope(), enabled, backends: backends.map(backendJson), notes });
}

/** `clear --json`. */
export function clearedJson(removed: number): string {
  return jsonLine({ ...envelope(), removed: exact(removed) });
}
