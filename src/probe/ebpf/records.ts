/** Reads the statistics that the programs keep. */
import type { BpfMap } from "../../../ffi/mod.ts";
import { toNumber } from "../../core/mod.ts";
import { bucketCount } from "../histogram.ts";
import type { Totals } from "../statistics.ts";
import { RECORD } from "./layout.ts";

/** A probe's record, summed over CPUs. */
export interface RecordTotals extends Totals {
  /** Executions out of scope that trapped and were turned away. */
  outside: number;
}

/** How many CPUs the kernel keeps copies for: those in /sys/devices/system/cpu/possible ("0-3,8"). */
export function possibleCpus(): number {
  const text = Deno.readTextFileSync("/sys/devices/system/cpu/possible").trim();
  return text.split(",").reduce((sum, range) => {
    const [first, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
}

/** Bytes of a record; without a histogram only the head. */
export function recordBytes(shift: number | null): number {
  return RECORD.sizeBytes + (shift === null ? 0 : bucketCount(shift) * 8);
}

const SUMMED = ["hits", "delayed", "cut", "clipped", "addedNs", "outside", "floorNs"] as const;

/** Reads one probe's record; misses are not in it. @param cpus as of {@linkcode possibleCpus} */
export function readTotals(records: BpfMap, index: number, cpus: number): RecordTotals {
  const bytes = records.options.valueBytes;
  const buckets = (bytes - RECORD.sizeBytes) / 8;
  const value = new Uint8Array(Math.max(128, bytes * cpus));
  records.lookup(new Uint8Array(new Uint32Array([index]).buffer), value);
  const view = new DataView(value.buffer);
  const copies = Array.from({ length: cpus }, (_, cpu) => RECORD.read(view, cpu * bytes));
  const sums = new Map(
    SUMMED.map((field) => [field, toNumber(copies.reduce((sum, copy) => sum + copy[field], 0n))]),
  );
  const sum = (field: typeof SUMMED[number]) => sums.get(field) as number;
  const greatest = (field: "maxNs" | "complementMinNs") =>
    copies.reduce((most, copy) => copy[field] > most ? copy[field] : most, 0n);
  const counts: [number, number][] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    let count = 0n;
    for (let cpu = 0; cpu < cpus; cpu++) {
      count += view.getBigUint64(cpu * bytes + RECORD.sizeBytes + bucket * 8, true);
    }
    if (count > 0n) counts.push([bucket, toNumber(count)]);
  }
  return {
    hits: sum("hits"),
    delayed: sum("delayed"),
    cut: sum("cut"),
    misses: 0,
    clipped: sum("clipped"),
    addedNs: sum("addedNs"),
    overheadNs: sum("floorNs"),
    outside: sum("outside"),
    minNs: toNumber(BigInt.asUintN(64, ~greatest("complementMinNs"))),
    maxNs: toNumber(greatest("maxNs")),
    counts,
  };
}
