/** Where an indirect jump leads: to another place of its function (a switch), or away from it (a tail call). */
import { operandOfX86, type X86Operand } from "../code/mod.ts";
import type { CodeRange } from "./code_reader.ts";
import type { Body, Placed } from "./site_body.ts";

/** How far back the making of a jump's address is looked for, in instructions. */
const LOOK_BACK = 24;
/** Entries of a jump table that are looked at; all that are there must lie in the function. */
const TABLE_ENTRIES = 2;

/** What is known of the function. */
export interface JumpContext {
  body: Body;
  list: readonly Placed[];
  parts: readonly CodeRange[];
  /** Whether the stack is as the caller left it; null when that is not known. */
  isUnwound: (at: number) => boolean | null;
  /** The function begins with endbr64: its compiler marks the jumps of a switch with `notrack`. */
  marked: boolean;
}

const Op = { movLoad: 0x8b, movStore: 0x89, lea: 0x8d, movslq: 0x63, addLoad: 0x03, addStore: 0x01 } as const;

/** Decides by the address that is jumped to, and by the stack: a tail call needs a frame that is gone. null: unknown. */
export function indirectJump(context: JumpContext, index: number): "inside" | "away" | null {
  const { list, body } = context;
  if (body.code.machine !== "x86_64") return null;
  const operand = operandAt(context, index);
  if (!operand) return null;
  if (operand.notrack) return "inside";
  const unwound = context.isUnwound(list[index].at);
  const made = operand.direct === undefined ? operand : addressOf(context, index, operand.direct);
  const table = made && tableTargets(context, index, made);
  if (table && table.length > 0) {
    if (table.every((target) => context.parts.some((part) => target >= part.start && target < part.end))) {
      return "inside";
    }
    return unwound && table.every((target) => body.code.entries.has(target)) ? "away" : null;
  }
  // A pointer that is kept at a fixed address, or in an object: a linkage entry, a callback, a virtual function.
  const isPointer = made !== null && made.index === undefined &&
    (made.opcode === Op.movLoad || made === operand && made.direct === undefined);
  if (unwound === null) return isPointer && made.ripRelative ? "away" : null;
  if (!unwound) return "inside";
  return isPointer || context.marked ? "away" : null;
}

function operandAt({ body, list }: JumpContext, index: number): X86Operand | null {
  const segment = body.code.segmentAt(list[index].at);
  return segment ? operandOfX86(segment.bytes, list[index].at - segment.fileOffset) : null;
}

/** The instruction that last wrote a register before another, if it is one that moves, loads or adds. */
function addressOf(context: JumpContext, index: number, register: number): X86Operand | null {
  const found = definition(context, index, register);
  if (!found) return null;
  // A copy of another register is as good as that register.
  if (found.operand.direct !== undefined && (found.operand.opcode | 2) === Op.movLoad) {
    const source = found.operand.opcode === Op.movLoad ? found.operand.direct : found.operand.register;
    return addressOf(context, found.index, source);
  }
  return found.operand;
}

function definition(
  context: JumpContext,
  index: number,
  register: number,
): { index: number; operand: X86Operand } | null {
  const { list } = context;
  for (let back = index - 1; back >= Math.max(0, index - LOOK_BACK); back--) {
    const { kind, at, lengthBytes } = list[back];
    if (kind.startsWith("call") || kind === "jmp" || kind === "ret" || kind === "jmp-indirect") return null;
    if (at + lengthBytes !== list[back + 1].at) return null;
    const operand = operandAt(context, back);
    if (!operand) continue;
    const { opcode, direct } = operand;
    const loads = opcode === Op.movLoad || opcode === Op.lea || opcode === Op.movslq || opcode === Op.addLoad;
    const stores = opcode === Op.movStore || opcode === Op.addStore;
    if (loads ? operand.register === register : stores && direct === register) {
      return { index: back, operand };
    }
  }
  return null;
}

/**
 * The first targets of the jump table that an address is read from: `*table(,%i,8)`, `lea table(%rip),%b; *(%b,%i,8)`,
 * or 32-bit distances from the table: `lea table(%rip),%b; movslq (%b,%i,4),%r; add %b,%r`. null where there is none.
 */
function tableTargets(context: JumpContext, index: number, made: X86Operand): number[] | null {
  if (made.opcode === Op.addLoad || made.opcode === Op.addStore) {
    // Either register may be the table's address, the other the distance.
    for (const register of [made.register, made.direct]) {
      const base = register === undefined ? null : leaBefore(context, index, register);
      if (base !== null) return readTable(context, { address: base, relative: true });
    }
    return null;
  }
  if (made.index === undefined) return null;
  if (made.base === undefined) return readTable(context, { address: made.displacement, relative: false });
  const base = leaBefore(context, index, made.base);
  return base === null ? null : readTable(context, { address: base + made.displacement, relative: false });
}

/** The address that the nearest `lea x(%rip)` before an instruction puts into a register. */
function leaBefore(context: JumpContext, index: number, register: number): number | null {
  const { list, body } = context;
  for (let back = index - 1; back >= Math.max(0, index - 4 * LOOK_BACK); back--) {
    const operand = operandAt(context, back);
    if (operand?.opcode !== Op.lea || operand.register !== register) continue;
    if (!operand.ripRelative) return null;
    const { at, lengthBytes } = list[back];
    const bias = body.code.segmentAt(at)?.biasBytes ?? 0;
    return at + lengthBytes + operand.displacement + bias;
  }
  return null;
}

function readTable({ body }: JumpContext, table: { address: number; relative: boolean }): number[] | null {
  const { code } = body;
  const sizeBytes = table.relative ? 4 : 8;
  const view = code.dataAt(table.address, sizeBytes * TABLE_ENTRIES);
  if (!view) return null;
  const targets: number[] = [];
  for (let entry = 0; entry < TABLE_ENTRIES; entry++) {
    const address = table.relative
      ? table.address + view.getInt32(entry * 4, true)
      : Number(view.getBigUint64(entry * 8, true));
    const offset = code.fileOffsetOf(address);
    if (offset !== null) targets.push(offset);
  }
  return targets;
}
