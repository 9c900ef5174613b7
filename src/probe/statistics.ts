/** From what a backend counted to the figures of a report: the same from the same counts, whatever counted. Pure. */
import { bucketStart, histogramQuantile } from "./histogram.ts";
import type { HistogramBucket, ProbeStatistics } from "./model.ts";

/** What a backend counted of one probe. */
export interface Totals {
  hits: number;
  delayed: number;
  cut: number;
  misses: number;
  clipped: number;
  /** Sum over delayed, uncut hits, nanoseconds. */
  addedNs: number;
  /** Sum of the floors of the hits that were not delayed. */
  overheadNs: number;
  /** Over delayed, uncut hits; without meaning when there is none. */
  minNs: number;
  maxNs: number;
  /** Bucket → count, ascending, empty ones left out; none when no histogram is kept. */
  counts: readonly (readonly [bucket: number, count: number])[];
}

/** The histogram with its outer buckets narrowed to the extremes, which are exact. */
function narrowed(histogram: readonly HistogramBucket[], minNs: number, maxNs: number): HistogramBucket[] {
  return histogram.map(({ geNs, ltNs, count }) => ({
    geNs: Math.max(geNs, minNs),
    ltNs: Math.min(ltNs, maxNs),
    count,
  }));
}

/** The figures of the contract. @param shift buckets an octave, as a power of two */
export function toStatistics(totals: Totals, shift: number): ProbeStatistics {
  const { counts, minNs, maxNs, ...sums } = totals;
  const histogram = counts.map(([bucket, count]) => ({
    geNs: bucketStart(bucket, shift),
    ltNs: bucketStart(bucket + 1, shift),
    count,
  }));
  const whole = totals.delayed - totals.cut;
  function quantile(share: number): number | null {
    if (whole === 0 || histogram.length === 0) return null;
    return histogramQuantile(narrowed(histogram, minNs, maxNs), share);
  }
  return {
    ...sums,
    minNs: whole === 0 ? null : minNs,
    meanNs: whole === 0 ? null : Math.round(totals.addedNs / whole),
    p50Ns: quantile(0.5),
    p90Ns: quantile(0.9),
    p99Ns: quantile(0.99),
    maxNs: whole === 0 ? null : maxNs,
    histogram,
  };
}
