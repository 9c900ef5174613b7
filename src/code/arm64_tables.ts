/** A64 encodings that change the flow, or that the kernel's uprobes do not single-step (Arm ARM DDI 0487, C4.1). Data only. */
import type { InstructionKind } from "./model.ts";

/** What the kernel does with an instruction under a uprobe. */
export type Fate = "emulated" | "stepped" | "refused";

/** Where the displacement of a direct branch lies, counted in instructions. */
export interface Displacement {
  shift: number;
  bits: number;
}

/** An encoding: the word with `mask` applied is `value`. */
export interface Encoding {
  mask: number;
  value: number;
  name: string;
  kind: InstructionKind;
  fate: Fate;
  displacement?: Displacement;
}

const IMM26 = { shift: 0, bits: 26 };
const IMM19 = { shift: 5, bits: 19 };
const IMM14 = { shift: 5, bits: 14 };
const IMM9 = { shift: 5, bits: 9 };

type Row = [
  mask: number,
  value: number,
  name: string,
  kind: InstructionKind,
  fate: Fate,
  displacement?: Displacement,
];

function table(rows: readonly Row[]): readonly Encoding[] {
  return rows.map(([mask, value, name, kind, fate, displacement]) => ({
    mask,
    value,
    name,
    kind,
    fate,
    ...displacement && { displacement },
  }));
}

/**
 * Branches, exceptions and what is refused of the system instructions; the first row that fits counts.
 *
 * The kernel takes conditional branches that it does not know (bc.cond, cb.cond, retaasppc) for steppable ones:
 * they would branch relative to the slot that they are stepped in. They count as refused.
 */
export const BRANCHES = table([
  [0xfc000000, 0x14000000, "b", "jmp", "emulated", IMM26],
  [0xfc000000, 0x94000000, "bl", "call", "emulated", IMM26],
  [0xff000010, 0x54000000, "b.", "jcc", "emulated", IMM19],
  [0xff000010, 0x54000010, "bc.", "jcc", "refused", IMM19],
  [0x7f000000, 0x34000000, "cbz", "jcc", "emulated", IMM19],
  [0x7f000000, 0x35000000, "cbnz", "jcc", "emulated", IMM19],
  [0x7f000000, 0x36000000, "tbz", "jcc", "emulated", IMM14],
  [0x7f000000, 0x37000000, "tbnz", "jcc", "emulated", IMM14],
  [0x7e000000, 0x74000000, "cb.", "jcc", "refused", IMM9],
  [0xfffffc1f, 0xd61f0000, "br", "jmp-indirect", "emulated"],
  [0xfffffc1f, 0xd63f0000, "blr", "call-indirect", "emulated"],
  [0xfffffc1f, 0xd65f0000, "ret", "ret", "emulated"],
  [0xfefff800, 0xd61f0800, "bra", "jmp-indirect", "refused"],
  [0xfefff800, 0xd63f0800, "blra", "call-indirect", "refused"],
  [0xfffffbe0, 0xd65f0be0, "reta", "ret", "refused"],
  [0xffc0001f, 0x5500001f, "retasppc", "ret", "refused"],
  [0xffe0001f, 0xd4000001, "svc", "syscall", "refused"],
  [0xffe0001f, 0xd4200000, "brk", "trap", "refused"],
  [0xff000000, 0xd4000000, "exception", "trap", "refused"],
  [0xfffffbff, 0xd69f0bff, "ereta", "trap", "refused"],
  [0xffffffff, 0xd69f03e0, "eret", "trap", "refused"],
  [0xffffffff, 0xd6bf03e0, "drps", "trap", "refused"],
  [0xfff8f01f, 0xd500401f, "msr", "other", "refused"],
  [0xfff00000, 0xd5100000, "msr", "other", "refused"],
  [0xffffffe0, 0xd53b4220, "mrs", "other", "refused"], /* of DAIF */
]);

/**
 * Outside of the branches: what depends on its own address, or on nothing coming between.
 *
 * The kernel knows the literal loads of general registers only, and would step those of SIMD registers against the
 * wrong address. They count as refused.
 */
export const OTHERS = table([
  [0x9f000000, 0x10000000, "adr", "other", "emulated"],
  [0x9f000000, 0x90000000, "adrp", "other", "emulated"],
  [0x3b000000, 0x18000000, "ldr", "other", "refused"], /* ldr, ldrsw, prfm of a literal */
  [0x3f800000, 0x08000000, "exclusive", "other", "refused"],
  [0xffff0000, 0x00000000, "udf", "trap", "stepped"],
]);

/** Hints by number (CRm:op2); those not named here are refused, as aut* are: they may fault. */
export const HINTS: ReadonlyMap<number, { name: string; kind: InstructionKind; fate: Fate }> = new Map([
  [0, { name: "nop", kind: "nop", fate: "emulated" }],
  [7, { name: "xpaclri", kind: "other", fate: "stepped" }],
  [8, { name: "pacia1716", kind: "other", fate: "stepped" }],
  [10, { name: "pacib1716", kind: "other", fate: "stepped" }],
  [24, { name: "paciaz", kind: "other", fate: "stepped" }],
  [25, { name: "paciasp", kind: "other", fate: "stepped" }],
  [26, { name: "pacibz", kind: "other", fate: "stepped" }],
  [27, { name: "pacibsp", kind: "other", fate: "stepped" }],
  [32, { name: "bti", kind: "endbr", fate: "stepped" }],
  [34, { name: "bti c", kind: "endbr", fate: "stepped" }],
  [36, { name: "bti j", kind: "endbr", fate: "stepped" }],
  [38, { name: "bti jc", kind: "endbr", fate: "stepped" }],
]);
