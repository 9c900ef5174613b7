/** The slots of pinned probes: what their words must be, free ones, the tables of distributions. */
import { SbError } from "../../../core/mod.ts";
import type { Delay, ProbeSpec } from "../../model.ts";
import { quantileTable, TABLE_BYTES } from "../draw.ts";
import { RECORD, SlotFlag } from "../layout.ts";
import { changeSlot, choosingWords, endSlot, entrySpec, type SlotWords } from "../slot_words.ts";
import { MAX_PINNED, MAX_TABLES, type PinnedMaps } from "./maps.ts";
import type { PinnedRow } from "./rows.ts";
import { PROBE_SLOTS } from "./site_program.ts";

/** The words of a row's slot while it is live. @param floorless whether another probe accounts for its trap */
function liveWords(row: PinnedRow, spec: ProbeSpec, floorless: boolean): SlotWords & { flags: bigint } {
  return {
    ...choosingWords(spec, {
      table: (row.table ?? 0) * TABLE_BYTES,
      windowBaseNs: BigInt(row.windowBaseNs),
      floorless,
      flags: row.scope === null ? SlotFlag.everyone : 0,
    }),
    scopes: row.scope === null ? 0n : 1n << BigInt(row.scope),
    owner: BigInt(row.owner?.pid ?? 0),
  };
}

/** The slots, over the maps. */
export class Slots {
  readonly #maps: PinnedMaps;

  constructor(maps: PinnedMaps) {
    this.#maps = maps;
  }

  /** Makes a row's slots what the row says; delays in flight are cut when anything changes. */
  apply(row: PinnedRow, { live, floorless }: { live: boolean; floorless: boolean }): void {
    const { config } = this.#maps;
    const slots = [row.slot, ...row.entrySlot === null ? [] : [row.entrySlot]];
    if (!live) {
      for (const slot of slots) endSlot(config, slot);
      return;
    }
    changeSlot(config, row.slot, liveWords(row, row.spec, floorless));
    if (row.entrySlot !== null) changeSlot(config, row.entrySlot, liveWords(row, entrySpec(row.spec), true));
  }

  /** Starts the counts of `every` or `times` of a slot anew. */
  restart(slot: number, field: "ordered" | "granted"): void {
    this.#maps.config.setSlot(slot, field, 0n);
  }

  /**
   * A slot that no row has, its figures at zero; a slot that was given back comes last.
   *
   * @param used the slots of the rows; the one that is taken is added
   * @throws SbError `probe.too_many`
   */
  take(used: Set<number>, cpus: number): number {
    const { config, records, state } = this.#maps;
    const from = Number(state.get("nextSlot"));
    for (let turn = 0; turn < PROBE_SLOTS; turn++) {
      const slot = (from + turn) % PROBE_SLOTS;
      if (used.has(slot)) continue;
      used.add(slot);
      state.set("nextSlot", BigInt((slot + 1) % PROBE_SLOTS));
      config.setSlot(slot, "flags", 0n);
      config.nextGeneration(slot);
      for (const field of ["ordered", "granted"] as const) this.restart(slot, field);
      records.update(
        new Uint8Array(new Uint32Array([slot]).buffer),
        new Uint8Array(Math.max(128, RECORD.sizeBytes * cpus)),
      );
      return slot;
    }
    throw tooMany("there is no slot left");
  }

  /** The table of a delay's distribution: that of a row with the same, otherwise a free one. @throws SbError `probe.too_many` */
  tableOf(delay: Delay, rows: readonly PinnedRow[]): number | null {
    if (delay.kind === "fixed") return null;
    const wanted = JSON.stringify(delay);
    const same = rows.find((row) => row.table !== null && JSON.stringify(row.spec.delay) === wanted);
    if (same) return same.table;
    const used = new Set(rows.map((row) => row.table));
    const table = Array.from({ length: MAX_TABLES }, (_, index) => index).find((index) => !used.has(index));
    if (table === undefined) throw tooMany(`${MAX_TABLES} different distributions are in use`);
    this.#maps.tables.bytes.set(quantileTable(delay), table * TABLE_BYTES);
    return table;
  }
}

/** The refusal of one probe more. */
export function tooMany(seen: string): SbError {
  return new SbError("probe.too_many", `Cannot pin another probe: ${seen}`, {
    hint: "Remove some: sb list, sb remove",
    data: { limit: MAX_PINNED },
  });
}
