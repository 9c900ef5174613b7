/** Counts as JSON documents: what the command line and the server both answer (`docs/json.md`, `docs/rpc.md`). Pure. */
import { exact } from "../core/mod.ts";
import type { CountedProcess, CountFigures, CountReading } from "./model.ts";

/** Figures, or rates, as a document has them. */
export interface FiguresDocument {
  kmalloc: number;
  kfree: number;
  kmalloc_bytes: number;
  kfree_bytes: number;
  sched: number;
  up: number;
  down: number;
  lock: number;
  unlock: number;
  unknown: number;
}

/** @param figures counts, or rates */
export function figuresDocument({ kmallocBytes, kfreeBytes, ...figures }: CountFigures): FiguresDocument {
  return {
    kmalloc: exact(figures.kmalloc),
    kfree: exact(figures.kfree),
    kmalloc_bytes: exact(kmallocBytes),
    kfree_bytes: exact(kfreeBytes),
    sched: exact(figures.sched),
    up: exact(figures.up),
    down: exact(figures.down),
    lock: exact(figures.lock),
    unlock: exact(figures.unlock),
    unknown: exact(figures.unknown),
  };
}

/** A process of a count. */
export function processDocument({ id, pid, comm, isRoot, state, countedNs, figures }: CountedProcess) {
  return {
    row: exact(id),
    pid,
    comm,
    root: isRoot,
    state,
    counted_ns: exact(countedNs),
    ...figuresDocument(figures),
  };
}

/** A reading. */
export function readingDocument(reading: CountReading) {
  return {
    at_ns: exact(reading.atNs),
    known: exact(reading.known),
    live: exact(reading.live),
    processes: reading.processes.map(processDocument),
    has_more: reading.hasMore,
    total: figuresDocument(reading.total),
    dropped: exact(reading.dropped),
    missed: exact(reading.missed),
    untracked: exact(reading.untracked),
  };
}
