/** Reads the statistics that the programs keep, and makes figures of them. */
import type { BpfMap } from "../../../ffi/mod.ts";
import { toNumber } from "../../core/mod.ts";
import type { HistogramBucket, ProbeStatistics } from "../model.ts";
import { bucketCount, bucketStart, RECORD } from "./layout.ts";

/** A probe's record, summed over CPUs. */
export interface Totals {
  hits: bigint;
  delayed: bigint;
  cut: bigint;
  clipped: bigint;
  addedNs: bigint;
  outside: bigint;
  floorNs: bigint;
  maxNs: bigint;
  minNs: bigint;
  /** Counts by bucket; empty when no histogram is kept. */
  buckets: bigint[];
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

/** Reads one probe's record. @param cpus as of {@linkcode possibleCpus} */
export function readTotals(records: BpfMap, index: number, cpus: number): Totals {
  const bytes = records.options.valueBytes;
  const buckets = (bytes - RECORD.sizeBytes) / 8;
  const value = new Uint8Array(Math.max(128, bytes * cpus));
  records.lookup(new Uint8Array(new Uint32Array([index]).buffer), value);
  const view = new DataView(value.buffer);
  const totals: Totals = {
    hits: 0n,
    delayed: 0n,
    cut: 0n,
    clipped: 0n,
    addedNs: 0n,
    outside: 0n,
    floorNs: 0n,
    maxNs: 0n,
    minNs: 0n,
    buckets: new Array(buckets).fill(0n),
  };
  let complementMin = 0n;
  for (let cpu = 0; cpu < cpus; cpu++) {
    const record = RECORD.read(view, cpu * bytes);
    for (const field of ["hits", "delayed", "cut", "clipped", "addedNs", "outside", "floorNs"] as const) {
      totals[field] += record[field];
    }
    if (record.maxNs > totals.maxNs) totals.maxNs = record.maxNs;
    if (record.complementMinNs > complementMin) complementMin = record.complementMinNs;
    for (let bucket = 0; bucket < buckets; bucket++) {
      totals.buckets[bucket] += view.getBigUint64(cpu * bytes + RECORD.sizeBytes + bucket * 8, true);
    }
  }
  totals.minNs = BigInt.asUintN(64, ~complementMin);
  return totals;
}

/** The value below which a share of the counts lies, interpolated in its bucket. */
export function histogramQuantile(histogram: readonly HistogramBucket[], share: number): number {
  const total = histogram.reduce((sum, bucket) => sum + bucket.count, 0);
  let before = 0;
  for (const { geNs, ltNs, count } of histogram) {
    if (before + count >= share * total) {
      return Math.round(geNs + (ltNs - geNs) * (share * total - before) / count);
    }
    before += count;
  }
  return histogram.at(-1)?.ltNs ?? 0;
}

/** The histogram with its outer buckets narrowed to the extremes, which are exact. */
function narrowed(histogram: readonly HistogramBucket[], minNs: number, maxNs: number): HistogramBucket[] {
  return histogram.map(({ geNs, ltNs, count }) => ({
    geNs: Math.max(geNs, minNs),
    ltNs: Math.min(ltNs, maxNs),
    count,
  }));
}

/** The figures of the contract. @param shift buckets an octave, as a power of two. @param misses of this probe */
export function toStatistics(
  totals: Totals,
  options: { shift: number; misses: number; floorNs: number },
): ProbeStatistics {
  const histogram: HistogramBucket[] = [];
  totals.buckets.forEach((count, bucket) => {
    if (count === 0n) return;
    histogram.push({
      geNs: bucketStart(bucket, options.shift),
      ltNs: bucketStart(bucket + 1, options.shift),
      count: toNumber(count),
    });
  });
  const whole = totals.delayed - totals.cut;
  const minNs = whole === 0n ? null : toNumber(totals.minNs);
  const maxNs = whole === 0n ? null : toNumber(totals.maxNs);
  function quantile(share: number): number | null {
    if (minNs === null || maxNs === null || histogram.length === 0) return null;
    return histogramQuantile(narrowed(histogram, minNs, maxNs), share);
  }
  const undelayed = totals.hits - totals.delayed;
  return {
    hits: toNumber(totals.hits),
    delayed: toNumber(totals.delayed),
    cut: toNumber(totals.cut),
    misses: options.misses,
    clipped: toNumber(totals.clipped),
    addedNs: toNumber(totals.addedNs),
    overheadNs: totals.floorNs > 0n ? toNumber(totals.floorNs) : toNumber(undelayed) * options.floorNs,
    minNs,
    meanNs: whole === 0n ? null : Math.round(Number(totals.addedNs) / Number(whole)),
    p50Ns: quantile(0.5),
    p90Ns: quantile(0.9),
    p99Ns: quantile(0.99),
    maxNs,
    histogram,
  };
}
