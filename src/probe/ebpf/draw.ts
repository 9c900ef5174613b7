/** Random delays: a table of quantiles serves every distribution; this is the table, and the program that draws from it. */
import { Assembler, FP, R0, R1, R2, R3, R4, R5, R7, R8, R9 } from "./assembler.ts";
import { MAX_DELAY_NS } from "../../core/mod.ts";
import { normalUpperQuantile } from "../../stats/mod.ts";
import type { Delay } from "../model.ts";
import { RECORD, SLOT } from "./layout.ts";
import { emitLog2, type ProgramMaps } from "./programs.ts";

/** Parts of an octave of probability, as a power of two. */
const PART_SHIFT = 5;
/** Entries of one side: 31 octaves of 32 parts, and the edge after the last; rounded up to a power of two. */
const SIDE_ENTRIES = 1024;
/** Bytes of a table: the lower side, then the upper side. */
export const TABLE_BYTES = 2 * SIDE_ENTRIES * 8;
const BOUND_NS = 2 ** 36;
/** Places on the stack while a table of a hash is looked up: the entry's offset, the table's number. */
const ENTRY = -104, TABLE = -112;

/** Where each entry of a side lies, as its distance from the end of the distribution: in (0, 0.5]. */
const TAILS = Float64Array.from({ length: (31 << PART_SHIFT) + 1 }, (_, entry) => {
  const octave = entry >> PART_SHIFT;
  const part = entry & ((1 << PART_SHIFT) - 1);
  return Math.min(0.5, (1 + part / (1 << PART_SHIFT)) * 2 ** (octave - 32));
});

let standardQuantiles: Float64Array | undefined;

/** The upper quantiles of the standard normal distribution at {@linkcode TAILS}: dear, and the same for every delay. */
function standardNormal(): Float64Array {
  return standardQuantiles ??= TAILS.map(normalUpperQuantile);
}

/** The quantile of a delay's distribution at an entry, measured from its lower or upper end. */
function quantileNs(delay: Delay, entry: number, side: "lower" | "upper"): number {
  const tail = TAILS[entry];
  switch (delay.kind) {
    case "fixed":
      return delay.ns;
    case "uniform": {
      const width = (delay.highNs - delay.lowNs) * tail;
      return side === "lower" ? delay.lowNs + width : delay.highNs - width;
    }
    case "normal": {
      const distance = delay.deviationNs * standardNormal()[entry];
      return side === "lower" ? delay.meanNs - distance : delay.meanNs + distance;
    }
    case "exp":
      return -delay.meanNs * (side === "lower" ? Math.log1p(-tail) : Math.log(tail));
  }
}

/**
 * The table of a distribution. Each side is divided by its distance from the end of the distribution into octaves
 * (½…¼, ¼…⅛, … down to 2^−32), each octave into 32 equal parts: tails are as exact as the middle.
 * The program draws a part and interpolates in it.
 */
export function quantileTable(delay: Delay): Uint8Array<ArrayBuffer> {
  const table = new BigInt64Array(2 * SIDE_ENTRIES);
  for (const [index, side] of (["lower", "upper"] as const).entries()) {
    for (let entry = 0; entry < TAILS.length; entry++) {
      const ns = quantileNs(delay, entry, side);
      table[index * SIDE_ENTRIES + entry] = BigInt(Math.round(Math.min(BOUND_NS, Math.max(-BOUND_NS, ns))));
    }
  }
  return new Uint8Array(table.buffer);
}

/**
 * r2 = the entry at the byte offset r1 of the slot's table, which the next entry follows. Keeps r0 and r9; leaves for
 * "drawn" when a table of a hash is gone.
 */
function emitTable(a: Assembler, maps: ProgramMaps): void {
  if (maps.tableSlots !== null) {
    a.load(8, R2, R8, SLOT.offsets.table).alu("add", R1, R2)
      .aluImm("and", R1, (maps.tableSlots * TABLE_BYTES - 1) & ~7)
      .mapValue(R2, maps.tables, 0).alu("add", R2, R1);
    return;
  }
  a.mov(R7, R0).store(8, FP, ENTRY, R1)
    .load(8, R1, R8, SLOT.offsets.table).store(4, FP, TABLE, R1)
    .address(R2, FP, TABLE).map(R1, maps.tables).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "drawn")
    .mov(R2, R0).mov(R0, R7).load(8, R1, FP, ENTRY).aluImm("and", R1, (TABLE_BYTES - 1) & ~7).alu(
      "add",
      R2,
      R1,
    );
}

/**
 * r9 = a delay drawn from the slot's table; draws outside 0 … 10 s are clipped and counted. A slot without a table
 * keeps the fixed delay in r9. Uses r0–r5 and r7; r8 is the slot.
 */
export function emitDraw(a: Assembler, maps: ProgramMaps): void {
  a.load(8, R1, R8, SLOT.offsets.flags).aluImm("and", R1, 4).jumpIfImm("eq", R1, 0, "drawn")
    // One bit chooses the side, 31 bits the distance from its end.
    .call("get_prandom_u32").mov(R7, R0).aluImm("and", R7, 1).aluImm("lsh", R7, 10 + 3)
    .aluImm("rsh", R0, 1).jumpIfImm("ne", R0, 0, "some_distance").movImm(R0, 1)
    .label("some_distance").mov(R2, R0);
  emitLog2(a, R4, R2, R3);
  // The leading one goes to bit 31: below it 5 bits of part, then 26 bits of position in the part.
  a.movImm(R1, 31).alu("sub", R1, R4).alu("lsh", R0, R1)
    .mov(R1, R0).aluImm("rsh", R1, 31 - PART_SHIFT).aluImm("and", R1, (1 << PART_SHIFT) - 1)
    .aluImm("lsh", R4, PART_SHIFT).alu("add", R1, R4)
    .aluImm("lsh", R1, 3).alu("add", R1, R7);
  emitTable(a, maps);
  a.load(8, R9, R2, 0).load(8, R5, R2, 8).alu("sub", R5, R9)
    .aluImm("and", R0, (1 << 26) - 1).alu("mul", R5, R0).aluImm("arsh", R5, 26).alu("add", R9, R5);
  a.jumpIfImm("sge", R9, 0, "not_below").movImm(R9, 0).jump("clipped")
    .label("not_below").constant(R1, BigInt(MAX_DELAY_NS)).jumpIf("le", R9, R1, "drawn").mov(R9, R1)
    .label("clipped").address(R2, FP, -8).map(R1, maps.records).call("map_lookup_elem").jumpIfImm(
      "eq",
      R0,
      0,
      "drawn",
    )
    .movImm(R1, 1).atomicAdd(R0, RECORD.offsets.clipped, R1)
    .label("drawn");
}
