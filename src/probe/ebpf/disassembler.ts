/** eBPF as text, in the form of the kernel's verifier log, with sb's labels: for error reports. */
import { type Assembler, HELPER, type Instruction } from "./assembler.ts";

const ALU_TEXT: Record<number, string> = {
  0x00: "+=",
  0x10: "-=",
  0x20: "*=",
  0x40: "|=",
  0x50: "&=",
  0x60: "<<=",
  0x70: ">>=",
  0x90: "%=",
  0xa0: "^=",
  0xb0: "=",
  0xc0: "s>>=",
};
const JUMP_TEXT: Record<number, string> = {
  0x10: "==",
  0x20: ">",
  0x30: ">=",
  0x40: "&",
  0x50: "!=",
  0x60: "s>",
  0x70: "s>=",
  0xa0: "<",
  0xb0: "<=",
  0xc0: "s<",
};
const SIZE_TEXT: Record<number, string> = { 0x00: "u32", 0x08: "u16", 0x10: "u8", 0x18: "u64" };
const HELPER_NAME = new Map<number, string>(Object.entries(HELPER).map(([name, id]) => [id, name]));

function signed(value: number | string): string {
  return typeof value === "number" && value < 0 ? `${value}` : `+${value}`;
}

function wideText(instruction: Instruction, next: Instruction | undefined): string {
  const { destination: d, source, immediate } = instruction;
  if (source === 1) return `r${d} = map[fd:${immediate}]`;
  if (source === 2) return `r${d} = map[fd:${immediate}][0]+${next?.immediate ?? 0}`;
  if (source === 4) return `r${d} = &${immediate}`;
  const low = BigInt.asUintN(32, BigInt(immediate));
  const high = BigInt.asUintN(32, BigInt(next?.immediate ?? 0));
  return `r${d} = 0x${(high << 32n | low).toString(16)}`;
}

function atomicText({ destination: d, source: s, offset, immediate }: Instruction): string {
  const place = `*(u64 *)(r${d} ${signed(offset)})`;
  if (immediate === 0xf1) return `r0 = atomic_cmpxchg(${place}, r0, r${s})`;
  return immediate === 1 ? `r${s} = atomic_fetch_add(${place}, r${s})` : `lock ${place} += r${s}`;
}

/** One instruction as text. @param next the following slot, for two-slot loads */
export function instructionText(instruction: Instruction, next?: Instruction): string {
  const { opcode, destination: d, source: s, offset, immediate } = instruction;
  if (opcode === 0x18) return wideText(instruction, next);
  if (opcode === 0x85) return `call ${HELPER_NAME.get(Number(immediate)) ?? "helper"}#${immediate}`;
  if (opcode === 0x95) return "exit";
  if (opcode === 0x05) return `goto ${typeof offset === "string" ? offset : signed(offset)}`;
  if (opcode === 0x87) return `r${d} = -r${d}`;
  if (opcode === 0xdb) return atomicText(instruction);
  const kind = opcode & 7;
  const operand = opcode & 8 ? `r${s}` : `${immediate}`;
  if (kind === 7) return `r${d} ${ALU_TEXT[opcode & 0xf0] ?? "?="} ${operand}`;
  if (kind === 5) return `if r${d} ${JUMP_TEXT[opcode & 0xf0] ?? "?"} ${operand} goto ${offset}`;
  const size = SIZE_TEXT[opcode & 0x18];
  if (kind === 1) return `r${d} = *(${size} *)(r${s} ${signed(offset)})`;
  if (kind === 2) return `*(${size} *)(r${d} ${signed(offset)}) = ${immediate}`;
  if (kind === 3) return `*(${size} *)(r${d} ${signed(offset)}) = r${s}`;
  return `.byte 0x${opcode.toString(16)}`;
}

/** A whole program as numbered lines with its labels. */
export function disassemble(assembler: Assembler): string {
  const lines: string[] = [];
  assembler.instructions.forEach((instruction, index, all) => {
    for (const label of assembler.labelsAt(index)) lines.push(`${label}:`);
    if (instruction.opcode === 0) return;
    lines.push(`${String(index).padStart(5)}: ${instructionText(instruction, all[index + 1])}`);
  });
  return lines.join("\n") + "\n";
}
