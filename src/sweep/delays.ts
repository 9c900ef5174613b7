/** Delays that are chosen for a target (`delays = "auto"`), from what a pilot run of it showed. Pure. */
import { MAX_DELAY_NS } from "../core/mod.ts";

/** What a run of a target without a delay showed. */
export interface Pilot {
  hits: number;
  wallNs: number;
  floorNs: number;
}

/** What the shortest and the longest delay add to a run, as shares of its time: from what noise hides to most of it. */
const LEAST_SHARE = 0.02;
const MOST_SHARE = 0.8;
const LEVELS = 5;
/** Delays that lie closer together than this many times are fewer: a threshold takes room to be seen. */
const LEAST_RATIO = 1.5;
/** A hit must become longer by this share of its floor at least, and by so much: floors vary by some per cent. */
const FLOOR_SHARE = 0.25;
const LEAST_NS = 100;

/**
 * Chooses delays: 0, and 4 to 5 above the floor whose totals a run span 2 % to 80 % of its time in equal ratios, so that a
 * threshold shows wherever it is.
 *
 * @returns nanoseconds, rising from 0; only 0 when the target is never called
 */
export function chooseDelays({ hits, wallNs, floorNs }: Pilot): number[] {
  if (hits === 0) return [0];
  // A delay takes the floor's place: what a hit adds is what it is longer than the floor.
  const longest = MAX_DELAY_NS - floorNs;
  const least = Math.min(
    Math.max(LEAST_SHARE * wallNs / hits, FLOOR_SHARE * floorNs, LEAST_NS),
    longest * LEAST_SHARE / MOST_SHARE,
  );
  const wanted = Math.min(MOST_SHARE * wallNs / hits, longest);
  const most = Math.max(wanted, least * LEAST_RATIO ** (LEVELS - 2));
  const isWide = (most / least) ** (1 / (LEVELS - 1)) >= LEAST_RATIO;
  const levels = isWide ? LEVELS : LEVELS - 1;
  const ratio = (most / least) ** (1 / (levels - 1));
  const delays = Array.from({ length: levels }, (_, index) => {
    const net = least * ratio ** index;
    return Math.min(roundNear(floorNs + net, net * (ratio - 1) / (ratio + 1) / 2), MAX_DELAY_NS);
  });
  return [0, ...new Set(delays)];
}

/** Mantissas, the roundest first. */
const ROUND = [[1, 2, 5, 10], [3, 4, 6, 7, 8, 9], [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]] as const;

/** The roundest whole number of nanoseconds within a tolerance. */
function roundNear(ns: number, tolerance: number): number {
  const scale = 10 ** Math.floor(Math.log10(ns));
  for (const mantissas of ROUND) {
    const nearest = mantissas.map((mantissa) => mantissa * scale)
      .sort((first, second) => Math.abs(first - ns) - Math.abs(second - ns))[0];
    if (Number.isInteger(nearest) && Math.abs(nearest - ns) <= tolerance) return nearest;
  }
  for (let step = scale / 10; step >= 1; step /= 10) {
    const nearest = Math.round(ns / step) * step;
    if (Math.abs(nearest - ns) <= tolerance) return Math.round(nearest);
  }
  return Math.round(ns);
}
