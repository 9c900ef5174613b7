/** Results of sweeps that were never run: programs of every class, with noise, for the tests of the outputs. */
import { randomFrom } from "../../../../src/stats/mod.ts";
import { analyseCells } from "../../../../src/sweep/analyse.ts";
import type { CellRecord, Metric } from "../../../../src/sweep/model.ts";
import type { SweepResult } from "../../../../src/sweep/result.ts";

/** How a run answers to time added to it. */
export interface Behaviour {
  /** Nanoseconds of the run by nanoseconds added. */
  wallNs: (addedNs: number) => number;
  hits?: (delayNs: number) => number;
  /** Standard deviation of its noise, as a share of a run. */
  noise?: number;
  functionNs?: number | null;
}

const PLAIN_NS = 412e6;
const SLACK_NS = 41e6;
const LOCK_NS = 60e6;

/** One program for each class, and one that never runs. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  PyObject_GetAttr: { wallNs: (added) => PLAIN_NS + added, functionNs: 83e6 },
  malloc: { wallNs: (added) => PLAIN_NS + Math.max(0, added - SLACK_NS), functionNs: 12e6 },
  writeback: { wallNs: () => PLAIN_NS, functionNs: 140e6 },
  pthread_mutex_lock: {
    wallNs: (added) => PLAIN_NS + 0.4 * added + 1.8 * Math.max(0, added - LOCK_NS),
    functionNs: null,
  },
  gc_collect: {
    wallNs: (added) => PLAIN_NS + added - 0.75 * Math.max(0, added - LOCK_NS),
    hits: (delayNs) => 20_000 - delayNs / 2,
  },
  noisy: { wallNs: (added) => PLAIN_NS + 0.05 * added, noise: 0.4 },
  PyErr_Format: { wallNs: () => PLAIN_NS, hits: () => 0, functionNs: 0 },
};

/** How a synthetic sweep is made. */
export interface SyntheticOptions {
  behaviours?: Readonly<Record<string, Behaviour>>;
  metric?: Metric;
  blocks?: number;
  seed?: number;
  command?: readonly string[];
  /** Ordinals of cells that fail. */
  failures?: readonly number[];
}

const DELAYS = [0, 1000, 2000, 5000, 10_000];
const FLOOR_NS = 640;
const HITS = 20_361;
const FIRST = Date.parse("2026-01-02T03:04:05.678Z");

function cellRecord(
  at: number,
  { target, delayNs, repeat, hits, wallNs, metric, failed }: {
    target: string;
    delayNs: number;
    repeat: number;
    hits: number;
    wallNs: number;
    metric: Metric;
    failed: boolean;
  },
): CellRecord {
  const isTime = metric.kind === "wall" || metric.kind === "cpu";
  return {
    schema: 1,
    experiment: "5f3c0d12ab",
    cell: `${repeat}.${target}.${delayNs}`,
    target,
    delayNs,
    repeat,
    seed: 1,
    started: new Date(FIRST + at * 430).toISOString(),
    exit: failed ? 1 : 0,
    result: failed ? null : isTime ? Math.round(wallNs) : 5e11 / wallNs,
    wallNs: Math.round(wallNs),
    userNs: Math.round(wallNs * 0.93),
    sysNs: Math.round(wallNs * 0.05),
    hits,
    delayed: delayNs === 0 ? 0 : hits,
    addedNs: delayNs === 0 ? 0 : hits * Math.max(delayNs, FLOOR_NS),
    overheadNs: delayNs === 0 ? hits * FLOOR_NS : 0,
    floorNs: FLOOR_NS,
    misses: 0,
  };
}

/** Cells in the order in which they would have run. */
function cellsOf(options: Required<SyntheticOptions>): CellRecord[] {
  const { behaviours, blocks, seed, metric, failures } = options;
  const random = randomFrom(seed);
  // The sum of twelve draws is near enough to a normal one.
  const normal = () => Array.from({ length: 12 }, () => random.fraction()).reduce((sum, x) => sum + x, -6);
  const records: CellRecord[] = [];
  for (let repeat = 0; repeat < blocks; repeat++) {
    for (const delayNs of DELAYS) {
      for (const [target, behaviour] of Object.entries(behaviours)) {
        const hits = Math.round((behaviour.hits ?? (() => HITS))(delayNs));
        const added = hits * (delayNs === 0 ? 0 : delayNs - FLOOR_NS);
        const drift = 1 + 0.01 * Math.sin(records.length / 40);
        const wallNs = behaviour.wallNs(added) * drift * (1 + (behaviour.noise ?? 0.006) * normal());
        const failed = failures.includes(records.length);
        records.push(cellRecord(records.length, { target, delayNs, repeat, hits, wallNs, metric, failed }));
      }
    }
  }
  return records;
}

/** A sweep of synthetic programs: its result, and its cells. */
export function syntheticSweep(
  options: SyntheticOptions = {},
): { result: SweepResult; records: CellRecord[] } {
  const all: Required<SyntheticOptions> = {
    behaviours: BEHAVIOURS,
    metric: { kind: "wall" },
    blocks: 10,
    seed: 1,
    command: ["python3", "bench.py"],
    failures: [],
    ...options,
  };
  const { behaviours, metric, blocks, seed, command } = all;
  const records = cellsOf(all);
  const names = Object.keys(behaviours);
  const targets = names.map((name) => ({ name, targets: [`/usr/bin/python3.11:${name}`] }));
  const functionNs = Object.fromEntries(names.map((name) => [name, behaviours[name].functionNs ?? null]));
  const byName = <T>(value: (name: string) => T) =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  const experiment = {
    command,
    metric,
    targets,
    delaysNs: DELAYS,
    repeats: { kind: "fixed", count: blocks },
    warmups: 1,
    seed,
    budgetNs: null,
    maxFailures: 3,
    backend: "auto",
  } as const;
  const result: SweepResult = {
    ...analyseCells(experiment, records, { functionNs }),
    name: "bench",
    experiment,
    hash: "5f3c0d12ab",
    delaysNs: byName(() => DELAYS),
    functions: byName((name) => [`/usr/bin/python3.11:${name}`]),
    functionNs,
    files: [{
      path: "/usr/bin/python3.11",
      buildId: "4a1d0f7c52b8c5e2f3a7b9d6e8c0a1b2c3d4e5f6",
      sizeBytes: 6_831_736,
      modified: "2026-11-02T09:12:44.000Z",
    }],
    backend: "ebpf",
    isolation: byName(() => "private-file"),
    machine: {
      host: "bench-01",
      kernel: "6.18.0",
      architecture: "x86_64",
      cpu: "AMD EPYC 7B13",
      cpus: 2,
      memoryBytes: 25_769_803_776,
      load: [0.31, 0.87],
    },
    started: records[0].started,
    ended: new Date(FIRST + records.length * 430).toISOString(),
    stopped: "complete",
    cells: { planned: records.length, done: records.length, failed: all.failures.length },
    commands: {
      sweep: ["sb", "sweep", "bench.toml"],
      cells: byName((name) => ["sb", "run", "--slow", `/usr/bin/python3.11:${name}=10us`, "--", ...command]),
    },
  };
  return { result, records };
}
