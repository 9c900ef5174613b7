/** What a session tells other processes of sb: a frozen map with its probes, found by its name, gone with the session. */
import { BpfMap, freezeMap, mapsNamed, MapType, openMapById, readMapInfo } from "../../../ffi/mod.ts";
import type { At } from "../../symbols/mod.ts";
import type { ProbePlan, ProbeSpec, ProbeStatistics } from "../model.ts";
import { toStatistics } from "../statistics.ts";
import { possibleCpus, readTotals } from "./records.ts";

/** The name of the maps. */
const NAME = "sb_session";
/** Probes that are told at the most; sessions of patterns may have thousands. */
const MOST_PROBES = 1000;

/** A probe as a session tells of it. */
interface ToldProbe {
  target: string;
  path: string;
  buildId: string | null;
  at: At;
  spec: ProbeSpec;
}

interface Description {
  /** Of the process that holds the session, as the kernel has it. */
  holder: number;
  /** Ids of the session's maps. */
  records: number;
  tree: number;
  probes: ToldProbe[];
  /** Probes that are not told. */
  more: number;
}

/** A session of some sb, with the figures of its probes as of now. */
export interface ToldSession {
  /** Its process, by its global id. */
  holder: number;
  /** The global ids of the processes in its tree. */
  members: number[];
  probes: (ToldProbe & { statistics: ProbeStatistics; outside: number })[];
  more: number;
}

/** Tells of a session for as long as the map is open. @throws SbError `kernel.refused` */
export function tellSession(
  plans: readonly ProbePlan[],
  { holder, records, tree }: { holder: number; records: BpfMap; tree: BpfMap },
): BpfMap {
  const description: Description = {
    holder,
    records: readMapInfo(records.fd).id,
    tree: readMapInfo(tree.fd).id,
    probes: plans.slice(0, MOST_PROBES).map(({ target, file, at, spec }) => ({
      target,
      path: file.path,
      buildId: file.buildId,
      at,
      spec,
    })),
    more: Math.max(0, plans.length - MOST_PROBES),
  };
  const text = new TextEncoder().encode(JSON.stringify(description));
  const value = new Uint8Array(Math.ceil((text.length + 1) / 8) * 8);
  value.set(text);
  const map = new BpfMap(NAME, { type: MapType.array, keyBytes: 4, valueBytes: value.length, entries: 1 });
  map.update(new Uint8Array(4), value);
  freezeMap(map);
  return map;
}

/** The sessions that there are now, of every sb on the machine. Needs CAP_SYS_ADMIN. */
export function readSessions(): ToldSession[] {
  const sessions: ToldSession[] = [];
  for (const map of mapsNamed(NAME)) {
    using _map = map;
    const value = new Uint8Array(map.options.valueBytes);
    map.lookup(new Uint8Array(4), value);
    const description = parseDescription(new TextDecoder().decode(value).replace(/\0+$/, ""));
    if (description) sessions.push(...readSession(description));
  }
  return sessions;
}

/** null for what another version wrote, or has not written yet. */
function parseDescription(text: string): Description | null {
  try {
    const description: Description = JSON.parse(text);
    return Array.isArray(description.probes) ? description : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** None when it ends just now. */
function readSession({ holder, records, tree, probes, more }: Description): ToldSession[] {
  const cpus = possibleCpus();
  using recordsById = openMapById(records);
  using treeById = openMapById(tree);
  if (!recordsById || !treeById) return [];
  using recordMap = recordsById.take();
  using treeMap = treeById.take();
  return [{
    holder,
    members: treeMap.keys().map((key) => new DataView(key.buffer).getUint32(0, true)).sort((a, b) => a - b),
    probes: probes.map((probe, index) => {
      const { outside, ...totals } = readTotals(recordMap, index, cpus);
      return { ...probe, outside, statistics: { ...toStatistics({ ...totals, counts: [] }, 0) } };
    }),
    more,
  }];
}
