/** Random draws that a seed repeats. Pure. */
import { uniformFloat64 } from "npm:pure-rand@8.4.2/distribution/uniformFloat64";
import { uniformInt } from "npm:pure-rand@8.4.2/distribution/uniformInt";
import { xoroshiro128plus } from "npm:pure-rand@8.4.2/generator/xoroshiro128plus";

/** A stream of draws; the same seed gives the same. */
export interface Random {
  /** In [0, 1). */
  fraction(): number;
  /** 0 to count − 1. */
  below(count: number): number;
  /** −1 or 1, each with probability one half. */
  sign(): -1 | 1;
}

/** Opens a stream. @param seed an integer; its lower 32 bits count */
export function randomFrom(seed: number): Random {
  const generator = xoroshiro128plus(seed | 0);
  let bits = 0;
  let left = 0;
  return {
    fraction: () => uniformFloat64(generator),
    below: (count) => uniformInt(generator, 0, count - 1),
    sign: () => {
      if (left === 0) {
        bits = uniformInt(generator, 0, 0x7fff_ffff);
        left = 31;
      }
      const sign = bits & 1 ? 1 : -1;
      bits >>= 1;
      left--;
      return sign;
    },
  };
}

/** The values in a random order (Fisher and Yates); the argument stays. */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
