/** The probes of eBPF sessions, of every sb on the machine, as `sb list --all` shows them. */
import { readSessions, type ToldSession } from "../probe/mod.ts";
import { namedProcess } from "../sys/mod.ts";
import type { ControlledProbe } from "./model.ts";

function probesOf(session: ToldSession): ControlledProbe[] {
  const [root] = session.members;
  return session.probes.map(({ target, path, buildId, spec, statistics, outside }) => ({
    id: null,
    backend: "ebpf",
    isolation: null,
    persistent: false,
    owner: namedProcess(session.holder),
    // The lowest id is the root's, but for ids that came round.
    scope: { kind: "tree", ...namedProcess(root ?? 0), members: session.members.length },
    tag: null,
    target,
    file: { path, buildId },
    sites: [],
    state: "live",
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
