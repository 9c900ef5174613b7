/** The decoded instructions of a stretch of code, by file offset, and what they become as sites. */
import { SbError, toHex } from "../core/mod.ts";
import type { Instruction } from "../code/mod.ts";
import type { Code, CodeRange } from "./code_reader.ts";
import type { FlagCondition, Site, SiteClass, TargetFunction } from "./model.ts";
import { kernelEmulatesLongNops } from "./site_kernel.ts";

const PAGE_BYTES = 4096;

/** An instruction and where it is; `target` is a file offset too. */
export interface Placed extends Instruction {
  at: number;
}

/** A function that is to be probed, and the code around it. */
export interface Body {
  fn: TargetFunction;
  code: Code;
  range: CodeRange;
}

/** Decodes the instruction at a file offset; null where there is none. */
export function decodeAt(code: Code, at: number): Placed | null {
  const segment = code.segmentAt(at);
  const found = segment && code.decoder.decode(segment.bytes, at - segment.fileOffset);
  if (!found) return null;
  const { target } = found;
  return { ...found, at, ...target === undefined ? {} : { target: target + segment.fileOffset } };
}

/** The instructions from a start to an end, one after the other; bytes that are none are passed by. */
export function decodeRange(code: Code, { start, end }: CodeRange): Placed[] {
  const list: Placed[] = [];
  for (let at = start; at < end;) {
    const found = decodeAt(code, at);
    if (found) list.push(found);
    at += found?.lengthBytes ?? (code.machine === "aarch64" ? 4 : 1);
  }
  return list;
}

/** Whether a branch is not a call: it moves within the function or leaves it. */
export function jumps({ kind }: Instruction): boolean {
  return kind === "jmp" || kind === "jcc" || kind === "loop";
}

/** Whether control may not go on to the next instruction, or not only there. */
export function endsLine({ kind }: Instruction): boolean {
  return kind !== "push" && kind !== "nop" && kind !== "endbr" && kind !== "other";
}

/** Whether this kernel emulates an instruction: of the nops, older kernels know the one-byte one only. */
export function isCheap({ kind, emulated, lengthBytes }: Instruction, code: Code): boolean {
  return emulated &&
    (kind !== "nop" || lengthBytes === 1 || code.machine !== "x86_64" || kernelEmulatesLongNops());
}

/** The class of a site; a nop5 that crosses a page is not rewritten (can_optimize() in uprobes.c, Linux 6.18). */
export function classOf(found: Placed, code: Code): SiteClass {
  if (!isCheap(found, code)) return "stepped";
  if (found.kind !== "nop") return found.kind as SiteClass;
  return found.lengthBytes === 5 && found.at % PAGE_BYTES <= PAGE_BYTES - 5 ? "nop5" : "nop";
}

/** The text of an instruction, for people. */
export function textAt(code: Code, at: number): string {
  const segment = code.segmentAt(at);
  return segment ? code.decoder.text(segment.bytes, at - segment.fileOffset) : "";
}

/** The site at an instruction. @throws SbError `probe.site_unprobeable` */
export function siteOf(body: Body, found: Placed, condition?: FlagCondition): Site {
  const { code } = body;
  if (!found.probeable) throw refusedByKernel(body, found.at);
  return {
    fileOffset: found.at,
    class: classOf(found, code),
    instruction: textAt(code, found.at),
    ...condition && { condition },
  };
}

/** The refusal of an instruction that the kernel takes no breakpoint on, or does not carry out rightly under one. */
export function refusedByKernel({ fn, code }: Body, at: number): SbError {
  return new SbError(
    "probe.site_unprobeable",
    `Cannot probe "${fn.target}": the kernel cannot carry out ${textAt(code, at)} at ${
      toHex(at)
    } under a breakpoint`,
    { hint: `Choose another place: sb symbols ${fn.file.path}`, data: { file_offset: toHex(at) } },
  );
}

/** One flag test per pair of conditions, the odd one its opposite (Intel SDM vol. 1, appendix B): o, b, e, be, s, p. */
const CONDITION_MASKS = [0x800, 0x1, 0x40, 0x41, 0x80, 0x4];

/**
 * When a conditional branch is taken, or is not; null where no single test of flags says it: l, ge, le and g compare
 * two flags, jrcxz and loop look at a register.
 */
export function conditionOf(found: Placed, taken: boolean, code: Code): FlagCondition | null {
  const mask = CONDITION_MASKS[(found.condition ?? 16) >> 1];
  if (found.kind !== "jcc" || mask === undefined || code.machine !== "x86_64") return null;
  const whenSet = ((found.condition as number) & 1) === 0;
  return { mask, when: whenSet === taken ? "set" : "clear" };
}
