/**
 * The call frame information of a file (.eh_frame): which ranges are functions or parts of them, which have landing
 * pads for exceptions, and where in them the frame is gone. Format: Linux Standard Base Core 5.0, 10.6, and DWARF 5, 6.4.
 */
import type { ElfFile } from "../../ffi/mod.ts";
import { FrameReader } from "./frame_reader.ts";

/** One frame description entry; offsets are into the file. */
export interface Frame {
  start: number;
  end: number;
  /** Whether exceptions are caught, or cleaned up after, in the range. */
  hasLandingPads: boolean;
  /** The common part's instructions, then the range's own. */
  instructions: readonly Uint8Array[];
  codeAlign: number;
}

/** Where the canonical frame address is at a function's first instruction, as DWARF numbers registers. */
const AT_CALL = { x86_64: { register: 7, offset: 8 }, aarch64: { register: 31, offset: 0 } } as const;

/** The frames of one file, by file offset. */
export class Frames {
  readonly all: readonly Frame[];
  readonly #atCall: { register: number; offset: number };

  constructor(elf: ElfFile, machine: keyof typeof AT_CALL, fileOffsetOf: (address: number) => number | null) {
    this.#atCall = AT_CALL[machine];
    const section = elf.section(".eh_frame");
    this.all = section
      ? new FrameReader(elf.data(section), Number(section.address), fileOffsetOf).read()
        .sort((a, b) => a.start - b.start)
      : [];
  }

  /** The frame that holds an offset. */
  at(offset: number): Frame | undefined {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.all[middle].start <= offset) low = middle + 1;
      else high = middle;
    }
    const frame = this.all[low - 1];
    return frame && offset < frame.end ? frame : undefined;
  }

  /** Whether the stack at an offset is as the caller left it: a jump away from there can be a tail call. */
  isUnwound(frame: Frame, offset: number): boolean {
    const { register, offset: distance } = this.#atCall;
    const found = cfaAt(frame, offset);
    return found?.register === register && found.offset === distance;
  }
}

interface Cfa {
  register: number;
  offset: number;
}

/** How many LEB128 operands an instruction that does not touch the frame address has, by opcode. */
const OPERANDS: Readonly<Record<number, number>> = {
  0x00: 0, // nop
  0x05: 2, // offset_extended
  0x06: 1, // restore_extended
  0x07: 1, // undefined
  0x08: 1, // same_value
  0x09: 2, // register
  0x11: 2, // offset_extended_sf
  0x14: 2, // val_offset
  0x15: 2, // val_offset_sf
  0x2d: 0, // AARCH64_negate_ra_state
  0x2e: 1, // GNU_args_size
};

/** The rule for the frame address at an offset; undefined where an expression gives it, or an instruction is unknown. */
function cfaAt(frame: Frame, offset: number): Cfa | undefined {
  let cfa: Cfa | undefined;
  const stack: (Cfa | undefined)[] = [];
  let location = frame.start;
  for (const instructions of frame.instructions) {
    const view = new DataView(instructions.buffer, instructions.byteOffset, instructions.length);
    let at = 0;
    const number = () => {
      let value = 0;
      for (let shift = 1; at < instructions.length; shift *= 128) {
        const byte = instructions[at++];
        value += (byte & 127) * shift;
        if (byte < 128) break;
      }
      return value;
    };
    while (at < instructions.length) {
      const byte = instructions[at++];
      const high = byte & 0xc0;
      if (high === 0x80) number(); // offset
      else if (high === 0xc0) continue; // restore
      else if (high === 0x40 || byte >= 0x02 && byte <= 0x04) { // advance_loc, advance_loc1, 2 and 4
        const sizeBytes = high ? 0 : 1 << (byte - 2);
        if (at + sizeBytes > instructions.length) return undefined;
        const delta = high
          ? byte & 63
          : sizeBytes === 1
          ? view.getUint8(at)
          : sizeBytes === 2
          ? view.getUint16(at, true)
          : view.getUint32(at, true);
        at += sizeBytes;
        location += delta * frame.codeAlign;
        if (location > offset) return cfa;
      } else if (byte === 0x0a) stack.push(cfa); // remember_state
      else if (byte === 0x0b) cfa = stack.pop(); // restore_state
      else if (byte === 0x0c) cfa = { register: number(), offset: number() }; // def_cfa
      else if (byte === 0x0d) cfa = cfa && { ...cfa, register: number() }; // def_cfa_register
      else if (byte === 0x0e) { // def_cfa_offset
        const value = number();
        cfa = cfa && { ...cfa, offset: value };
      } else if (byte === 0x0f) { // def_cfa_expression
        cfa = undefined;
        at += number();
      } else if (byte === 0x10 || byte === 0x16) { // expression, val_expression
        number();
        at += number();
      } else {
        const operands = OPERANDS[byte];
        if (operands === undefined) return undefined;
        for (let count = 0; count < operands; count++) number();
      }
    }
  }
  return cfa;
}
