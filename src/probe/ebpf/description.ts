/** What sessions and pools tell other processes of sb: frozen maps with their probes, found by name, gone with their owner. */
import { BpfMap, freezeMap, mapsNamed, MapType, openMapById, readMapInfo } from "../../../ffi/mod.ts";
import type { At } from "../../symbols/mod.ts";
import type { ProbePlan, ProbeSpec, ProbeStatistics } from "../model.ts";
import { toStatistics } from "../statistics.ts";
import { toNumber } from "../../core/mod.ts";
import { pidOf } from "./identity.ts";
import { SCOPE_SET, SET_BYTES } from "./layout.ts";
import { possibleCpus, readTotals } from "./records.ts";

/** The name of the maps. */
const NAME = "sb_session";
/** Probes that are told at the most; sessions of patterns may have thousands. */
const MOST_PROBES = 1000;

/** Whom a probe of a pool applies to: of a tree the root, and the number of the scope. */
export type ToldReach =
  | { kind: "tree"; pid: number; scope: number }
  | { kind: "cgroup"; path: string }
  | { kind: "all" };

/** A probe as a session tells of it. */
interface ToldProbe {
  target: string;
  path: string;
  buildId: string | null;
  at: At;
  spec: ProbeSpec;
}

/** A probe as a pool tells of it. */
export interface PlacedProbe {
  plan: ProbePlan;
  slot: number;
  reach: ToldReach;
  isEnabled: boolean;
}

/** What only pools tell of a probe: those of a session are live, in the order of their slots, in one tree. */
interface Placement {
  slot?: number;
  reach?: ToldReach;
  isEnabled?: boolean;
}

interface Description {
  /** Of the process that holds the session, as the kernel has it. */
  holder: number;
  /** Ids of the session's maps. */
  records: number;
  tree: number;
  /** The sets of scopes that processes are in, where the tree is a pool's. */
  sets?: number;
  probes: (ToldProbe & Placement)[];
  /** Probes that are not told. */
  more: number;
}

/** Whom a probe applies to, as of now. */
export type ToldScope =
  | { kind: "tree"; pid: number; members: number }
  | { kind: "cgroup"; path: string }
  | { kind: "all" };

/** A session of some sb, with the figures of its probes as of now. */
export interface ToldSession {
  /** Its process, by its global id. */
  holder: number;
  probes: (ToldProbe & {
    scope: ToldScope;
    isEnabled: boolean;
    statistics: ProbeStatistics;
    outside: number;
  })[];
  more: number;
}

function toldProbe({ target, file, at, spec }: ProbePlan): ToldProbe {
  return { target, path: file.path, buildId: file.buildId, at, spec };
}

/** Tells for as long as the map is open. @throws SbError `kernel.refused` */
function tell(description: Description): BpfMap {
  const text = new TextEncoder().encode(JSON.stringify(description));
  const value = new Uint8Array(Math.ceil((text.length + 1) / 8) * 8);
  value.set(text);
  const map = new BpfMap(NAME, { type: MapType.array, keyBytes: 4, valueBytes: value.length, entries: 1 });
  map.update(new Uint8Array(4), value);
  freezeMap(map);
  return map;
}

/** Tells of a session. @throws SbError `kernel.refused` */
export function tellSession(
  plans: readonly ProbePlan[],
  { holder, records, tree }: { holder: number; records: BpfMap; tree: BpfMap },
): BpfMap {
  return tell({
    holder,
    records: readMapInfo(records.fd).id,
    tree: readMapInfo(tree.fd).id,
    probes: plans.slice(0, MOST_PROBES).map(toldProbe),
    more: Math.max(0, plans.length - MOST_PROBES),
  });
}

/** Tells of a segment of a pool. @throws SbError `kernel.refused` */
export function tellSegment(
  probes: readonly PlacedProbe[],
  { holder, records, tree, sets }: { holder: number; records: BpfMap; tree: BpfMap; sets: BpfMap },
): BpfMap {
  return tell({
    holder,
    records: readMapInfo(records.fd).id,
    tree: readMapInfo(tree.fd).id,
    sets: readMapInfo(sets.fd).id,
    probes: probes.map(({ plan, ...placement }) => ({ ...toldProbe(plan), ...placement })),
    more: 0,
  });
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

/** Processes in a scope of a pool. @param sets the value of the map */
function countMembers(sets: DataView, scope: number): number {
  let count = 0n;
  for (let at = 0; at < sets.byteLength; at += SET_BYTES) {
    const word = sets.getBigUint64(at + SCOPE_SET.sizeBytes + (scope >> 6) * 8, true);
    if (word >> BigInt(scope & 63) & 1n) count += sets.getBigUint64(at + SCOPE_SET.offsets.members, true);
  }
  return toNumber(count);
}

/** How scopes are told: by the set of each process, or, of a session, by its one tree. */
function scopeReader(tree: BpfMap, sets: BpfMap | undefined): (reach: ToldReach | undefined) => ToldScope {
  if (!sets) {
    const pids = tree.keys().map(pidOf);
    // The lowest id is the root's, but for ids that came round.
    const whole: ToldScope = { kind: "tree", pid: Math.min(...pids, Infinity), members: pids.length };
    if (pids.length === 0) whole.pid = 0;
    return () => whole;
  }
  const value = new Uint8Array(sets.options.valueBytes);
  sets.lookup(new Uint8Array(4), value);
  const view = new DataView(value.buffer);
  return (reach) =>
    reach?.kind === "tree"
      ? { kind: "tree", pid: reach.pid, members: countMembers(view, reach.scope) }
      : reach ?? { kind: "all" };
}

/** None when it ends just now. */
function readSession({ holder, records, tree, sets, probes, more }: Description): ToldSession[] {
  const cpus = possibleCpus();
  using undo = new DisposableStack();
  const open = (id: number) => {
    const found = openMapById(id);
    return found && undo.use(found.take());
  };
  const recordMap = open(records);
  const treeMap = open(tree);
  const setMap = sets === undefined ? undefined : open(sets);
  if (!recordMap || !treeMap || setMap === null) return [];
  const scopeOf = scopeReader(treeMap, setMap);
  return [{
    holder,
    probes: probes.map(({ slot, reach, isEnabled = true, ...probe }, index) => {
      const { outside, ...totals } = readTotals(recordMap, slot ?? index, cpus);
      const statistics = toStatistics({ ...totals, counts: [] }, 0);
      return { ...probe, scope: scopeOf(reach), isEnabled, outside, statistics };
    }),
    more,
  }];
}
