/** The quantile tables of a pool's distributions: equal ones are shared, and there are as many as are in use. */
import type { BpfMap } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import type { Delay } from "../../model.ts";
import { quantileTable, TABLE_BYTES } from "../draw.ts";
import type { EbpfFeatures } from "../features.ts";
import { growingMap } from "./growing_map.ts";

/** Different distributions at the most. */
const MAX_TABLES = 4096;
/** Where the kernel allocates them with the map: 1 MB. */
const MAX_ALLOCATED_TABLES = 64;

interface Table {
  number: number;
  users: number;
}

/** The tables, over their map. Number 0 is none. */
export class Tables implements Disposable {
  readonly map: BpfMap;
  readonly #tables = new Map<string, Table>();
  /** Numbers are not used again: a delay may be drawn from the table while it goes. */
  #next = 1;

  /** @throws SbError `kernel.refused` */
  constructor(features: EbpfFeatures) {
    // The last entry is read together with the one behind it.
    const shape = { valueBytes: TABLE_BYTES + 8, entries: MAX_TABLES, allocated: MAX_ALLOCATED_TABLES };
    this.map = growingMap("sb_pool_tables", shape, features);
  }

  /** The table of a delay, to be given back. @throws SbError `probe.too_many` */
  take(delay: Delay): number {
    if (delay.kind === "fixed") return 0;
    const name = JSON.stringify(delay);
    const known = this.#tables.get(name);
    if (known) {
      known.users++;
      return known.number;
    }
    const limit = this.map.options.entries;
    if (this.#tables.size === limit) {
      throw new SbError(
        "probe.too_many",
        `Cannot add the probe: ${limit} different distributions are in use`,
        { hint: "Remove some probes", data: { limit } },
      );
    }
    const number = this.#next++;
    const value = new Uint8Array(TABLE_BYTES + 8);
    value.set(quantileTable(delay));
    this.map.update(tableKey(number), value);
    this.#tables.set(name, { number, users: 1 });
    return number;
  }

  /** Gives the table of a delay back. */
  give(delay: Delay): void {
    const name = JSON.stringify(delay);
    const table = this.#tables.get(name);
    if (!table || --table.users > 0) return;
    this.#tables.delete(name);
    this.map.delete(tableKey(table.number));
  }

  [Symbol.dispose](): void {
    this.map[Symbol.dispose]();
  }
}

function tableKey(number: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array([number]).buffer);
}
