/** Counts with known figures, for the renderers. */
import type { CommandCount, CountedProcess, CountFigures, CountReading, TreeCountReport } from "../../mod.ts";
import { ratesBetween } from "../../src/count/mod.ts";

/** Figures; those left out are 0. */
export function sampleFigures(changes: Partial<CountFigures> = {}): CountFigures {
  return {
    kmalloc: 0,
    kfree: 0,
    kmallocBytes: 0,
    kfreeBytes: 0,
    sched: 0,
    up: 0,
    down: 0,
    lock: 0,
    unlock: 0,
    unknown: 0,
    ...changes,
  };
}

function sampleProcess(id: number, changes: Partial<CountedProcess> = {}): CountedProcess {
  return {
    id,
    pid: 4241 + id,
    comm: "find",
    isRoot: id === 1,
    state: "ended",
    countedNs: 2_000_000_000,
    figures: sampleFigures(),
    ...changes,
  };
}

const FIND = sampleProcess(1, {
  figures: sampleFigures({
    kmalloc: 1099,
    kfree: 1084,
    kmallocBytes: 125_952,
    kfreeBytes: 101_376,
    sched: 124,
    lock: 1337,
    unlock: 1337,
  }),
});
const SORT = sampleProcess(2, {
  comm: "sort",
  countedNs: 500_000_000,
  figures: sampleFigures({
    kmalloc: 7,
    kfree: 9,
    kmallocBytes: 448,
    sched: 3,
    lock: 12,
    unlock: 12,
    unknown: 9,
  }),
});

function sum(processes: readonly CountedProcess[]): CountFigures {
  const total = sampleFigures();
  for (const { figures } of processes) {
    for (const name of Object.keys(total) as (keyof CountFigures)[]) total[name] += figures[name];
  }
  return total;
}

/** A reading of these processes. */
export function sampleReading(
  processes: CountedProcess[] = [FIND],
  changes: Partial<CountReading> = {},
): CountReading {
  return {
    atNs: 1_000_000_000_000,
    processes,
    hasMore: false,
    known: processes.length,
    live: processes.filter(({ state }) => state === "live").length,
    total: sum(processes),
    dropped: 0,
    missed: 0,
    untracked: 0,
    ...changes,
  };
}

/** A command that was one process. */
export function sampleCommandCount(reading = sampleReading()): CommandCount {
  return {
    command: ["find", "/usr", "-name", "*.h"],
    exit: 0,
    signal: null,
    wallNs: 2_000_000_000,
    userNs: 700_000_000,
    sysNs: 1_200_000_000,
    maxRssBytes: 4_194_304,
    reading,
    rates: ratesBetween(reading, { before: null, intervalNs: 2_000_000_000 }),
  };
}

/** Two processes, and all that a reader must be told. */
export function troubledCount(): CommandCount {
  const left = sampleProcess(3, { comm: "sudo", pid: null, state: "left" });
  return sampleCommandCount(
    sampleReading([FIND, SORT, left], { dropped: 1, missed: 2, untracked: 1 }),
  );
}

/** So many processes; the last did most. */
export function manyProcesses(count: number): CommandCount {
  const processes = Array.from(
    { length: count },
    (_, index) => sampleProcess(index + 1, { comm: `cc${index}`, figures: sampleFigures({ sched: index }) }),
  );
  return sampleCommandCount(sampleReading(processes));
}

/** A server and a child of it that ended, at an interval or at the end. */
export function sampleTreeCount(ended: TreeCountReport["ended"]): TreeCountReport {
  const before = sampleReading([{
    ...FIND,
    comm: "redis-server",
    state: "live",
    figures: sampleFigures({ sched: 24 }),
  }]);
  const reading = sampleReading([{ ...FIND, comm: "redis-server", state: "live" }, SORT]);
  return {
    pid: 4242,
    comm: "redis-server",
    ended,
    wallNs: 3_000_000_000,
    reading,
    rates: ratesBetween(reading, { before, intervalNs: 1_000_000_000 }),
  };
}
