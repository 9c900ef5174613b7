/** The reference of what a schedule means, hit by hit: live → window → n → every → probability → times → draw. Pure. */
import { MAX_DELAY_NS } from "../../core/mod.ts";
import type { Delay, ProbeSpec } from "../model.ts";
import { isTimed } from "../spec.ts";

/** Numbers from 0 to below 1. */
export type Random = () => number;

/** What becomes of an execution in scope. */
export interface Decision {
  /** Whether it is a hit: the window is open. */
  isHit: boolean;
  /** As drawn, before the floor is subtracted; null when the hit is not delayed. */
  delayNs: number | null;
  /** The draw was outside 0 … 10 s. */
  isClipped: boolean;
}

const NO_HIT: Decision = { isHit: false, delayNs: null, isClipped: false };
const UNDELAYED: Decision = { ...NO_HIT, isHit: true };

/** A sequence of numbers that looks random and is the same for the same seed: Lehmer's, modulo 2^31 − 1. */
export function seededRandom(seed: number): Random {
  const modulus = 2 ** 31 - 1;
  let state = seed % (modulus - 1) + 1;
  return () => {
    state = state * 48_271 % modulus;
    return (state - 1) / (modulus - 1);
  };
}

/** A draw of a distribution, not clipped yet. */
function draw(delay: Delay, random: Random): number {
  switch (delay.kind) {
    case "fixed":
      return delay.ns;
    case "uniform":
      return delay.lowNs + random() * (delay.highNs - delay.lowNs);
    case "normal": {
      // Box and Muller: two uniform numbers to a normal one; the logarithm needs one above zero.
      const radius = Math.sqrt(-2 * Math.log(1 - random()));
      return delay.meanNs + delay.deviationNs * radius * Math.cos(2 * Math.PI * random());
    }
    case "exp":
      return -delay.meanNs * Math.log(1 - random());
  }
}

/** The schedule of one live probe and its counters. */
export class ScheduleModel {
  #spec: ProbeSpec;
  #windowBaseNs: number;
  readonly #random: Random;
  #hits = 0;
  #granted = 0;

  /** @param options.windowBaseNs where the window is counted from */
  constructor(spec: ProbeSpec, options: { windowBaseNs: number; random: Random }) {
    this.#spec = spec;
    this.#windowBaseNs = options.windowBaseNs;
    this.#random = options.random;
  }

  /** Another specification. @param restarts counters that begin anew; the window does with a new base */
  change(spec: ProbeSpec, restarts: { hits: boolean; times: boolean; windowBaseNs?: number }): void {
    this.#spec = spec;
    this.#windowBaseNs = restarts.windowBaseNs ?? this.#windowBaseNs;
    if (restarts.hits) this.#hits = 0;
    if (restarts.times) this.#granted = 0;
  }

  /** Decides on an execution in scope at a time. */
  decide(nowNs: number): Decision {
    const { schedule, delay } = this.#spec;
    const sinceNs = nowNs - this.#windowBaseNs - schedule.startNs;
    if (sinceNs < 0 || (schedule.durationNs !== null && sinceNs >= schedule.durationNs)) return NO_HIT;
    this.#hits++;
    if (!isTimed(this.#spec)) return UNDELAYED;
    if (this.#hits % schedule.every !== 0) return UNDELAYED;
    if (schedule.probability < 1 && this.#random() >= schedule.probability) return UNDELAYED;
    if (schedule.times !== null && this.#granted >= schedule.times) return UNDELAYED;
    this.#granted++;
    const drawnNs = Math.round(draw(delay, this.#random));
    const delayNs = Math.min(MAX_DELAY_NS, Math.max(0, drawnNs));
    return { isHit: true, delayNs, isClipped: delayNs !== drawnNs };
  }
}
