/** The arm64 decoder on hand-written encodings, and against binutils on assembled and on random words. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { decodeArm64, decoderOf, type Instruction, textOfArm64 } from "../../../src/code/mod.ts";
import { executable, skipUnless } from "../../skip.ts";

const AS = "/usr/bin/aarch64-linux-gnu-as";
const OBJDUMP = "/usr/bin/aarch64-linux-gnu-objdump";

function bytesOf(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setUint32(index * 4, word, true));
  return bytes;
}

/** `kind emulated|stepped|refused [->target] [condition]` */
function summary(found: Instruction | null): string {
  if (!found) return "null";
  const fate = !found.probeable ? "refused" : found.emulated ? "emulated" : "stepped";
  const target = found.target === undefined ? "" : ` ->${found.target}`;
  return `${found.kind} ${fate}${target}${found.condition === undefined ? "" : ` ${found.condition}`}`;
}

/** The word stands at offset 64. */
const ENCODINGS: readonly [word: number, text: string, summary: string][] = [
  [0x14000004, "b +0x10", "jmp emulated ->80"],
  [0x17fffff0, "b -0x40", "jmp emulated ->0"],
  [0x15ffffff, "b +0x7fffffc", "jmp emulated ->134217788"],
  [0x94000001, "bl +0x4", "call emulated ->68"],
  [0x97ffffff, "bl -0x4", "call emulated ->60"],
  [0x54000080, "b.eq +0x10", "jcc emulated ->80 0"],
  [0x54fffe0d, "b.le -0x40", "jcc emulated ->0 13"],
  [0x5400004e, "b.al +0x8", "jmp emulated ->72"],
  [0x5400004f, "b.nv +0x8", "jmp emulated ->72"],
  [0x54000051, "bc.ne +0x8", "jcc refused ->72 1"],
  [0x34000040, "cbz w0, +0x8", "jcc emulated ->72"],
  [0xb5ffffe3, "cbnz x3, -0x4", "jcc emulated ->60"],
  [0xb400005f, "cbz xzr, +0x8", "jcc emulated ->72"],
  [0x36180041, "tbz w1, #3, +0x8", "jcc emulated ->72"],
  [0xb7ffffe2, "tbnz x2, #63, -0x4", "jcc emulated ->60"],
  [0x74000040, "74000040", "jcc refused ->72"],
  [0xd61f0220, "br x17", "jmp-indirect emulated"],
  [0xd63f0100, "blr x8", "call-indirect emulated"],
  [0xd65f03c0, "ret", "ret emulated"],
  [0xd65f0260, "ret x19", "ret emulated"],
  [0xd71f0a11, "d71f0a11", "jmp-indirect refused"],
  [0xd61f081f, "d61f081f", "jmp-indirect refused"],
  [0xd63f081f, "d63f081f", "call-indirect refused"],
  [0xd65f0bff, "d65f0bff", "ret refused"],
  [0xd65f0fff, "d65f0fff", "ret refused"],
  [0xd65f0be3, "d65f0be3", "ret refused"],
  [0x5500001f, "5500001f", "ret refused"],
  [0xd69f03e0, "d69f03e0", "trap refused"],
  [0x10000040, "adr x0, +0x8", "other emulated"],
  [0x10ffffe0, "adr x0, -0x4", "other emulated"],
  [0xb0000001, "adrp x1, +0x1000", "other emulated"],
  [0x58000040, "58000040", "other refused"],
  [0x1c000040, "1c000040", "other refused"],
  [0x9c000040, "9c000040", "other refused"],
  [0x98000040, "98000040", "other refused"],
  [0xd8000040, "d8000040", "other refused"],
  [0xc85f7c20, "c85f7c20", "other refused"],
  [0xc8007c41, "c8007c41", "other refused"],
  [0xc8dffc20, "c8dffc20", "other stepped"],
  [0xd503201f, "nop", "nop emulated"],
  [0xd503203f, "d503203f", "other refused"],
  [0xd503205f, "d503205f", "other refused"],
  [0xd503241f, "bti", "endbr stepped"],
  [0xd503245f, "bti c", "endbr stepped"],
  [0xd503249f, "bti j", "endbr stepped"],
  [0xd50324df, "bti jc", "endbr stepped"],
  [0xd503233f, "paciasp", "other stepped"],
  [0xd50323bf, "d50323bf", "other refused"],
  [0xd5033bbf, "d5033bbf", "other stepped"],
  [0xd53bd040, "d53bd040", "other stepped"],
  [0xd53b4220, "d53b4220", "other refused"],
  [0xd51bd040, "d51bd040", "other refused"],
  [0xd4000001, "svc #0x0", "syscall refused"],
  [0xd4207d00, "brk #0x3e8", "trap refused"],
  [0xd4400000, "d4400000", "trap refused"],
  [0x00000000, "udf #0", "trap stepped"],
  [0x0000002a, "udf #42", "trap stepped"],
  [0xa9bf7bfd, "stp x29, x30, [sp, #-16]!", "other stepped"],
  [0xd10083ff, "sub sp, sp, #0x20", "other stepped"],
  [0xaa0003e0, "aa0003e0", "other stepped"],
  [0x00010000, "(bad)", "null"],
  [0x02000000, "(bad)", "null"],
  [0xd7000000, "(bad)", "null"],
];

for (const [word, text, expected] of ENCODINGS) {
  const hexadecimal = word.toString(16).padStart(8, "0");
  Deno.test(`decodeArm64() takes ${hexadecimal} for ${text}: ${expected}`, () => {
    const bytes = new Uint8Array(68);
    bytes.set(bytesOf([word]), 64);
    assertEquals(summary(decodeArm64(bytes, 64)), expected);
    assertEquals(textOfArm64(bytes, 64), text);
  });
}

Deno.test("decodeArm64() gives null for what is not whole", () => {
  const bytes = bytesOf([0xd503201f]);
  assertEquals(decodeArm64(bytes, 0)?.lengthBytes, 4);
  for (const offset of [-4, 1, 2, 3, 4, 8]) {
    assertEquals(decodeArm64(bytes, offset), null);
    assertEquals(textOfArm64(bytes, offset), "(bad)");
  }
  assertEquals(decodeArm64(new Uint8Array(), 0), null);
});

Deno.test("decoderOf() gives each machine its own decoder", () => {
  const bytes = Uint8Array.of(0xc0, 0x03, 0x5f, 0xd6);
  assertEquals(decoderOf("aarch64").text(bytes, 0), "ret");
  assertEquals(decoderOf("aarch64").decode(bytes, 0)?.lengthBytes, 4);
  assertEquals(decoderOf("x86_64").text(Uint8Array.of(0xc3), 0), "ret");
  assertEquals(decoderOf("x86_64").decode(Uint8Array.of(0xc3), 0)?.lengthBytes, 1);
});

function run(program: string, args: readonly string[]): string {
  const { success, stdout, stderr } = new Deno.Command(program, { args: [...args] }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** A line of `objdump -d`. */
interface Line {
  offset: number;
  word: number;
  /** `b.eq`, `cbz`, `.inst` … */
  mnemonic: string;
  operands: string;
}

/** Assembles a source and reads what objdump makes of it. */
function disassemble(source: string): Line[] {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/a.s`, source);
    run(AS, ["-march=armv8.8-a+sve2", "-o", `${folder}/a.o`, `${folder}/a.s`]);
    const text = run(OBJDUMP, ["-d", "-z", "-M", "no-aliases", `${folder}/a.o`]);
    return [...text.matchAll(/^ +([0-9a-f]+):\t([0-9a-f]{8}) \t(\S+)(.*)$/gm)]
      .map(([, offset, word, mnemonic, operands]) => ({
        offset: parseInt(offset, 16),
        word: parseInt(word, 16),
        mnemonic,
        operands: operands.replace(/\/\/.*/, "").trim(),
      }));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The kind that a mnemonic stands for. */
function kindOf({ mnemonic, operands }: Line): string {
  if (/^bc?\.(al|nv)$/.test(mnemonic) || mnemonic === "b") return "jmp";
  if (/^(bc?\..*|cbn?z|tbn?z)$/.test(mnemonic)) return "jcc";
  if (mnemonic === "bl") return "call";
  if (/^bra?/.test(mnemonic) && !/^brk/.test(mnemonic)) return "jmp-indirect";
  if (/^blr/.test(mnemonic)) return "call-indirect";
  if (/^ret/.test(mnemonic)) return "ret";
  if (mnemonic === "svc") return "syscall";
  if (/^(brk|hlt|hvc|smc|udf|dcps\d|eret.*|drps|tcancel)$/.test(mnemonic)) return "trap";
  if (mnemonic === "hint" && operands === "#0x0" || mnemonic === "nop") return "nop";
  if (mnemonic === "bti" || mnemonic === "hint" && /^#0x2[0246]$/.test(operands)) return "endbr";
  return "other";
}

/** Where the decoder and objdump differ, of the words that objdump knows. */
function differences(lines: readonly Line[]): string[] {
  const found: string[] = [];
  const bytes = bytesOf(lines.map(({ word }) => word));
  const base = lines[0].offset;
  for (const line of lines) {
    const decoded = decodeArm64(bytes, line.offset - base);
    if (/^\.(inst|word)/.test(line.mnemonic)) continue;
    const kind = kindOf(line);
    const to = /([0-9a-f]+)(?: <.*>)?$/.exec(line.operands)?.[1];
    const direct = kind === "jmp" || kind === "jcc" || kind === "call";
    // objdump shows addresses as unsigned; those before the section's start are negative here.
    const target = direct ? Number(BigInt.asIntN(64, BigInt(`0x${to}`))) - base : undefined;
    if (decoded?.kind !== kind || decoded.target !== target) {
      found.push(`${line.word.toString(16)} ${line.mnemonic} ${line.operands}: ${summary(decoded)}`);
    }
  }
  return found;
}

const SOURCE = `
f:  b f
    b .+4096
    bl f
    b.eq f
    b.ne .+64
    b.hi f
    b.al f
    bc.eq f
    cbz w1, f
    cbnz x30, .+128
    tbz w3, #31, f
    tbnz x4, #32, .+16
    br x16
    blr x9
    ret
    ret x2
    braa x1, x2
    brabz x3
    blraaz x4
    blrab x5, sp
    retaa
    retab
    eretaa
    adr x0, f
    adrp x1, f
    ldr x0, f
    ldr w0, f
    ldrsw x0, f
    ldr q0, f
    prfm pldl1keep, f
    nop
    yield
    wfe
    bti c
    bti j
    bti jc
    hint #32
    paciasp
    autiasp
    svc #0
    brk #1
    hlt #2
    udf #3
    hvc #4
    ldxr x0, [x1]
    stxr w0, x1, [x2]
    ldaxp x0, x1, [x2]
    ldar x0, [x1]
    casal x0, x1, [x2]
    ldaddal x0, x1, [x2]
    mrs x0, tpidr_el0
    msr tpidr_el0, x0
    dmb ish
    stp x29, x30, [sp, #-16]!
    sub sp, sp, #512
    add x0, x1, x2
    fmov d0, #1.0
    ldr z0, [x0]
`;

Deno.test({
  ...skipUnless(
    "decodeArm64() agrees with objdump on every assembled form",
    executable(AS),
    executable(OBJDUMP),
  ),
  fn: () => {
    const lines = disassemble(SOURCE);
    assertEquals(lines.length, SOURCE.trim().split("\n").length);
    assertEquals(differences(lines), []);
    const control = lines.map((line) => line.mnemonic === "ret" ? { ...line, mnemonic: "nop" } : line);
    assertEquals(differences(control).length, 2, "the comparison sees no difference where there is one");
  },
});

Deno.test({
  ...skipUnless("decodeArm64() agrees with objdump on random words", executable(AS), executable(OBJDUMP)),
  fn: () => {
    const words: number[] = [];
    let state = 20230917;
    for (let index = 0; index < 40_000; index++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes, its generator "ranqd1"
      // Every other word is of the group of branches and system instructions.
      words.push(index % 2 ? state : ((state & 0xe3ffffff) | 0x14000000) >>> 0);
    }
    const lines = disassemble(words.map((word) => `.inst 0x${word.toString(16)}`).join("\n") + "\n");
    assertEquals(lines.length, words.length);
    assertGreater(lines.filter((line) => kindOf(line) !== "other").length, 5_000);
    assertEquals(differences(lines), []);
  },
});

Deno.test("decodeArm64() refuses only branches, system instructions, literals and exclusives, and emulates none of them", () => {
  let refused = 0;
  for (let high = 0; high < 0x10000; high++) {
    for (const low of [0, 0x1f, 0x3c0, 0x0bff, 0x201f, 0x401f, 0x4220]) {
      const word = (high * 0x10000 + low) >>> 0;
      const found = decodeArm64(bytesOf([word]), 0);
      if (!found || found.probeable) continue;
      refused++;
      const branch = (word >>> 25 & 14) === 10;
      const literal = (word & 0x3b000000) === 0x18000000;
      const exclusive = (word & 0x3f800000) === 0x08000000;
      assert(branch || literal || exclusive, word.toString(16));
      assert(!found.emulated, word.toString(16));
    }
  }
  assertGreater(refused, 1000);
});
