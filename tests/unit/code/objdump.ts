/** What `objdump -d` says of x86-64 code, an independent decoder, and where sb's decoder says something else. */
import { decodeX86 } from "../../../src/code/mod.ts";

/** A comparison over one file. */
export interface Comparison {
  /** Instructions that objdump knows. */
  compared: number;
  /** Those of them that branch to an address. */
  branches: number;
  /** `address bytes text: what differs` */
  differences: string[];
}

/** Prefixes that objdump writes as words of their own. */
const PREFIXES = /^(?:(?:rex(?:\.\w+)?|repn?z|bnd|notrack|lock|data16|addr32|[c-g]s|ss) +)+/;

const KINDS: readonly [pattern: RegExp, kind: string][] = [
  [/^l?callw? +\*/, "call-indirect"],
  [/^l?jmpw? +\*/, "jmp-indirect"],
  [/^call /, "call"],
  [/^jmp /, "jmp"],
  [/^(?:loop|j[er]cxz)/, "loop"],
  [/^j/, "jcc"],
  [/^(?:l|i)?ret/, "ret"],
  [/^(?:int[13]|ud[0-2]|hlt)/, "trap"],
  [/^(?:syscall|sysenter|int )/, "syscall"],
  [/^endbr/, "endbr"],
  [/^(?:nop|xchg +%ax,%ax$)/, "nop"],
  [/^push +%/, "push"],
];

/** The kind that objdump's text stands for. */
export function kindOfText(text: string): string {
  const bare = text.replace(/ +[#<].*$/, "").trimEnd().replace(PREFIXES, "");
  return KINDS.find(([pattern]) => pattern.test(bare))?.[1] ?? "other";
}

function bytesOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from(hexadecimal.trim().split(" "), (byte) => parseInt(byte, 16));
}

/**
 * What objdump writes otherwise than one instruction a line: nothing that it knows; a REX prefix before another prefix
 * (it does nothing); `fwait` as a prefix; branches with a 66 prefix, of which AMD and Intel make different lengths.
 */
const NOT_COMPARED = /\(bad\)|^\.byte|(?:^| )rex(?:\.\w+)?\s*$|^(?:jmpw|callw)/;

/** An instruction as objdump has it. */
export interface Line {
  bytes: Uint8Array;
  text: string;
}

/** Whether a line is an instruction that a decoder must know by the same length. */
export function isOneInstruction({ bytes, text }: Line): boolean {
  return !NOT_COMPARED.test(text) && !(bytes[0] === 0x9b && bytes.length > 1);
}

/** Compares one line of objdump; null when it is not comparable. */
export function compareLine(line: string): { branch: boolean; difference?: string } | null {
  const [address, hexadecimal, text] = line.split("\t");
  if (text === undefined) return null;
  const bytes = bytesOf(hexadecimal);
  if (!isOneInstruction({ bytes, text })) return null;
  const found = decodeX86(bytes, 0);
  let kind = kindOfText(text);
  // The kernel emulates neither ff /6, which pushes a register too, nor the nops other than 90 and 0f 1f.
  if (kind === "push" && (bytes[bytes.length - 1] & 0xf8) !== 0x50) kind = "other";
  if (kind === "nop" && !/(?:90|0f 1f.*)$/.test(hexadecimal.trim())) kind = "other";
  const branch = kind === "call" || kind === "jmp" || kind === "jcc" || kind === "loop";
  const said = branch ? /([0-9a-f]+)(?: <.*)?$/.exec(text.trimEnd())?.[1] : undefined;
  // objdump writes addresses below zero as unsigned.
  const target = said && Number(BigInt.asIntN(64, BigInt(`0x${said}`))) - parseInt(address, 16);
  if (found?.lengthBytes === bytes.length && found.kind === kind && found.target === target) {
    return { branch };
  }
  const [ours, theirs] = [
    `${found?.lengthBytes} bytes, ${found?.kind} ->${found?.target}`,
    `${bytes.length}, ${kind} ->${target}`,
  ];
  return { branch, difference: `${address.trim()} ${hexadecimal.trim()} ${text}: ${ours}, not ${theirs}` };
}

/** The lines of objdump's output that are instructions, every `stride`th of them. */
function* instructionLines(path: string, stride: number): Generator<string> {
  const { success, stdout, stderr } = new Deno.Command("objdump", { args: ["-d", "-w", path] }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const decoder = new TextDecoder();
  let index = 0;
  for (let start = 0; start < stdout.length;) {
    const end = stdout.indexOf(10, start);
    const space = stdout[start] === 32;
    if (space && index++ % stride === 0) yield decoder.decode(stdout.subarray(start, end));
    start = end + 1;
  }
}

/** The instructions of a file's code. */
export function disassemble(path: string): Line[] {
  const lines: Line[] = [];
  for (const line of instructionLines(path, 1)) {
    const [, hexadecimal, text] = line.split("\t");
    if (text !== undefined) lines.push({ bytes: bytesOf(hexadecimal), text });
  }
  return lines;
}

/** Compares the code of a file, every `stride`th instruction of it. */
export function compareFile(path: string, options: { stride?: number } = {}): Comparison {
  const result: Comparison = { compared: 0, branches: 0, differences: [] };
  for (const line of instructionLines(path, options.stride ?? 1)) {
    const compared = compareLine(line);
    if (!compared) continue;
    result.compared++;
    if (compared.branch) result.branches++;
    if (compared.difference) result.differences.push(compared.difference);
  }
  return result;
}
