/** The probes of eBPF sessions and pools, of every sb on the machine, as `sb list --all` shows them. */
import { readSessions, type ToldScope, type ToldSession } from "../probe/mod.ts";
import { namedProcess } from "../sys/mod.ts";
import type { ListedScope } from "../session/mod.ts";
import type { ControlledProbe } from "./model.ts";

function listedScope(scope: ToldScope): ListedScope {
  return scope.kind === "tree" ? { kind: "tree", ...namedProcess(scope.pid), members: scope.members } : scope;
}

function probesOf(session: ToldSession): ControlledProbe[] {
  return session.probes.map(({ target, path, buildId, scope, isEnabled, spec, statistics, outside }) => ({
    id: null,
    backend: "ebpf",
    isolation: null,
    persistent: false,
    owner: namedProcess(session.holder),
    scope: listedScope(scope),
    tag: null,
    target,
    file: { path, buildId },
    sites: [],
    state: isEnabled ? "live" : "disabled",
    spec,
    floor: { ns: 0, source: "unknown" },
    statistics,
    outside,
  }));
}

/** One row a probe of each session. */
export function sessionProbes(): ControlledProbe[] {
  return readSessions().flatMap(probesOf);
}
