/** The quantile tables of a pool's distributions: equal ones are shared, and there are as many as are in use. */
import { BpfMap, MAP_NO_PREALLOC, MapType } from "../../../../ffi/mod.ts";
import { SbError } from "../../../core/mod.ts";
import type { Delay } from "../../model.ts";
import { quantileTable, TABLE_BYTES } from "../draw.ts";

/** Different distributions at the most. */
const MAX_TABLES = 4096;

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
  constructor() {
    this.map = new BpfMap("sb_pool_tables", {
      type: MapType.hash,
      keyBytes: 4,
      // The last entry is read together with the one behind it.
      valueBytes: TABLE_BYTES + 8,
      entries: MAX_TABLES,
      flags: MAP_NO_PREALLOC,
    });
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
    if (this.#tables.size === MAX_TABLES) {
      throw new SbError(
        "probe.too_many",
        `Cannot add the probe: ${MAX_TABLES} different distributions are in use`,
        { hint: "Remove some probes", data: { limit: MAX_TABLES } },
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
