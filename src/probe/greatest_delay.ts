/** What a distribution can draw at the most: for limits on what a hit may be delayed. */
import { MAX_DELAY_NS } from "../core/mod.ts";
import { quantileTable } from "./ebpf/draw.ts";
import type { Delay } from "./model.ts";

/**
 * The longest delay of a hit, in nanoseconds. Draws come from a table, so that even `normal` and `exp` have an end:
 * where one draw in 2^32 would lie.
 */
export function greatestDelayNs(delay: Delay): number {
  switch (delay.kind) {
    case "fixed":
      return delay.ns;
    case "uniform":
      return delay.highNs;
    case "normal":
    case "exp": {
      const entries = new BigInt64Array(quantileTable(delay).buffer);
      const greatest = entries.reduce((most, entry) => entry > most ? entry : most, 0n);
      return Math.min(Number(greatest), MAX_DELAY_NS);
    }
  }
}
