/** Log-linear histograms: the buckets that every backend counts in, and quantiles from them. Pure. */
import type { HistogramBucket } from "./model.ts";

/** Octaves of a histogram: values below 2^35 ns; greater ones fall into the last bucket. */
export const OCTAVES = 35;

/** Buckets an octave, as a power of two: 16 up to 256 probes, 2 above (`cli.md`). */
export function histogramShift(probes: number): 1 | 4 {
  return probes > 256 ? 1 : 4;
}

/** Number of buckets of a histogram with 2^shift an octave. */
export function bucketCount(shift: number): number {
  return (OCTAVES - shift + 1) << shift;
}

/**
 * The bucket of a value: exact below 2^shift, then 2^shift equal parts an octave.
 *
 * @param value nanoseconds, a whole number
 */
export function bucketOf(value: number, shift: number): number {
  if (value < 1 << shift) return value;
  const octave = Math.floor(Math.log2(value));
  if (octave >= OCTAVES) return bucketCount(shift) - 1;
  const part = Math.floor(value / 2 ** (octave - shift)) - (1 << shift);
  return ((octave - shift + 1) << shift) + part;
}

/** The least value of a bucket. */
export function bucketStart(bucket: number, shift: number): number {
  if (bucket < 1 << shift) return bucket;
  const octave = (bucket >> shift) + shift - 1;
  return (2 ** shift + (bucket & ((1 << shift) - 1))) * 2 ** (octave - shift);
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
