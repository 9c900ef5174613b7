/** The x86-64 decoder on hand-written encodings, on noise, and against objdump on real files. */
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { decodeX86, type Instruction, textOfX86 } from "../../../src/code/mod.ts";
import { compilerOf, fixture, type FixtureName } from "../../fixtures/build.ts";
import { executable, skipUnless } from "../../skip.ts";
import { compareFile, compareLine } from "./objdump.ts";

function bytesOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from(hexadecimal.split(" "), (byte) => parseInt(byte, 16));
}

/** `length kind emulated|stepped|refused [->target] [condition]` */
function summary(found: Instruction | null): string {
  if (!found) return "null";
  const fate = !found.probeable ? "refused" : found.emulated ? "emulated" : "stepped";
  const target = found.target === undefined ? "" : ` ->${found.target}`;
  const condition = found.condition === undefined ? "" : ` ${found.condition}`;
  return `${found.lengthBytes} ${found.kind} ${fate}${target}${condition}`;
}

const ENCODINGS: readonly [bytes: string, summary: string][] = [
  ["55", "1 push emulated"],
  ["41 57", "2 push emulated"],
  ["48 55", "2 push stepped"],
  ["66 55", "2 push stepped"],
  ["6a 01", "2 other stepped"],
  ["ff f2", "2 other stepped"],
  ["90", "1 nop emulated"],
  ["66 90", "2 nop emulated"],
  ["0f 1f 00", "3 nop emulated"],
  ["0f 1f 40 00", "4 nop emulated"],
  ["0f 1f 44 00 00", "5 nop emulated"],
  ["66 0f 1f 44 00 00", "6 nop emulated"],
  ["0f 1f 80 00 00 00 00", "7 nop emulated"],
  ["0f 1f 84 00 00 00 00 00", "8 nop emulated"],
  ["66 0f 1f 84 00 00 00 00 00", "9 nop emulated"],
  ["66 2e 0f 1f 84 00 00 00 00 00", "10 nop refused"],
  ["66 66 2e 0f 1f 84 00 00 00 00 00", "11 nop refused"],
  ["f3 90", "2 other stepped"],
  ["41 90", "2 other refused"],
  ["f3 0f 1e fa", "4 endbr stepped"],
  ["f3 0f 1e fb", "4 endbr stepped"],
  ["0f 1e fa", "3 other stepped"],
  ["e8 fb ff ff ff", "5 call emulated ->0"],
  ["e8 00 01 00 00", "5 call emulated ->261"],
  ["66 e8 00 00 00 00", "6 call refused ->6"],
  ["eb 10", "2 jmp emulated ->18"],
  ["eb fe", "2 jmp emulated ->0"],
  ["e9 00 00 00 80", "5 jmp emulated ->-2147483643"],
  ["74 80", "2 jcc emulated ->-126 4"],
  ["0f 8f 10 00 00 00", "6 jcc emulated ->22 15"],
  ["e2 fc", "2 loop stepped ->-2"],
  ["e3 05", "2 loop stepped ->7"],
  ["67 e3 05", "3 loop stepped ->8"],
  ["ff d0", "2 call-indirect stepped"],
  ["41 ff 14 24", "4 call-indirect stepped"],
  ["ff 25 00 00 00 00", "6 jmp-indirect stepped"],
  ["3e ff e0", "3 jmp-indirect refused"],
  ["c3", "1 ret stepped"],
  ["f3 c3", "2 ret stepped"],
  ["c2 08 00", "3 ret stepped"],
  ["cc", "1 trap refused"],
  ["f4", "1 trap refused"],
  ["0f 0b", "2 trap stepped"],
  ["0f 05", "2 syscall refused"],
  ["cd 80", "2 syscall refused"],
  ["f0 48 0f b1 0a", "5 other refused"],
  ["f3 48 a5", "3 other stepped"],
  ["f2 ae", "2 other stepped"],
  ["48 b8 01 02 03 04 05 06 07 08", "10 other stepped"],
  ["66 b8 01 02", "4 other stepped"],
  ["48 a1 01 02 03 04 05 06 07 08", "10 other stepped"],
  ["f6 c0 01", "3 other stepped"],
  ["f6 d8", "2 other stepped"],
  ["f7 05 00 00 00 00 01 00 00 00", "10 other stepped"],
  ["66 f7 c0 01 02", "5 other stepped"],
  ["48 8d 04 25 00 00 00 00", "8 other stepped"],
  ["c8 10 00 01", "4 other stepped"],
  ["c5 f8 77", "3 other refused"],
  ["c5 fd 6f 06", "4 other refused"],
  ["c5 fd 70 c0 1b", "5 other refused"],
  ["c4 e2 7d 18 05 00 00 00 00", "9 other stepped"],
  ["c4 e3 7d 06 c1 20", "6 other refused"],
  ["62 f1 7c 48 28 c1", "6 other stepped"],
  ["62 f3 75 48 25 c2 ff", "7 other stepped"],
  ["62 f5 7c 48 58 c1", "6 other stepped"],
  ["8f e8 78 c2 ec 0e", "6 other refused"],
  ["8f c0", "2 other stepped"],
  ["0f 3a 0f c1 08", "5 other stepped"],
  ["66 0f 38 00 c1", "5 other stepped"],
  ["64 48 8b 04 25 28 00 00 00", "9 other stepped"],
  ["48 66 90", "null"],
  ["48 48 90", "null"],
  ["06", "null"],
  ["0f 04", "null"],
  ["66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90", "null"],
];

for (const [bytes, expected] of ENCODINGS) {
  Deno.test(`decodeX86() takes ${bytes} for ${expected}`, () => {
    const code = bytesOf(bytes);
    const found = decodeX86(code, 0);
    assertEquals(summary(found), expected);
    if (!found) return;
    for (let length = 0; length < code.length; length++) {
      assertEquals(decodeX86(code.subarray(0, length), 0), null, `${length} bytes of it are no instruction`);
    }
    const moved = new Uint8Array(code.length + 7);
    moved.set(code, 3);
    const there = decodeX86(moved, 3);
    assertEquals(there?.target, found.target === undefined ? undefined : found.target + 3);
    assertEquals(there?.lengthBytes, found.lengthBytes);
  });
}

Deno.test("textOfX86() writes what can be a site as people know it, and bytes for the rest", () => {
  const texts = [
    "55",
    "41 55",
    "66 90",
    "0f 1f 44 00 00",
    "f3 0f 1e fa",
    "e8 fb ff ff ff",
    "75 10",
    "c3",
    "31 c0",
    "06",
  ]
    .map((bytes) => textOfX86(bytesOf(bytes), 0));
  assertEquals(texts, [
    "push %rbp",
    "push %r13",
    "nop2",
    "nop5",
    "endbr64",
    "call +0x0",
    "jne +0x12",
    "ret",
    "31 c0",
    "(bad)",
  ]);
});

Deno.test("decodeX86() neither throws on noise nor gives a length that no instruction has", () => {
  let state = 88172645;
  const bytes = new Uint8Array(200_000);
  for (let index = 0; index < bytes.length; index++) {
    state ^= state << 13, state ^= state >>> 17, state ^= state << 5; // Marsaglia's xorshift32
    bytes[index] = state;
  }
  let known = 0;
  for (let offset = 0; offset < bytes.length; offset++) {
    const found = decodeX86(bytes, offset);
    if (!found) continue;
    known++;
    assert(found.lengthBytes >= 1 && found.lengthBytes <= 15, `${found.lengthBytes} bytes at ${offset}`);
    assert(offset + found.lengthBytes <= bytes.length, `${offset}`);
  }
  assertGreater(known, bytes.length / 2);
});

Deno.test("compareLine() sees a wrong length, kind and target", () => {
  assertEquals(compareLine("  10:\t55 \tpush   %rbp"), { branch: false });
  assertEquals(compareLine("  10:\teb 02 \tjmp    14 <f+0x4>"), { branch: true });
  assertEquals(compareLine("  10:\t06 \t(bad)"), null);
  const wrong = ["  10:\t55 c3 \tpush   %rbp", "  10:\t55 \tret", "  10:\teb 02 \tjmp    15 <f+0x5>"];
  for (const line of wrong) assertStringIncludes(compareLine(line)?.difference ?? "", "not");
});

const LIBRARIES = `/usr/lib/${Deno.build.arch}-linux-gnu`;

/** Files with x86-64 code, and the part of it that is compared. */
const FILES: readonly [path: string, stride: number][] = [
  [`${LIBRARIES}/libc.so.6`, 5],
  [`${LIBRARIES}/libstdc++.so.6`, 5],
  ["/usr/bin/python3.11", 20],
  [`${LIBRARIES}/libcrypto.so.3`, 20],
];

const X86 = { holds: Deno.build.arch === "x86_64", why: "the machine's own files are not x86-64" };

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function assertSame(path: string, stride: number): void {
  const { compared, branches, differences } = compareFile(path, { stride });
  assertEquals(differences, []);
  assertGreater(compared, 10_000);
  assertGreater(branches, 1_000);
}

for (const [path, stride] of FILES) {
  const there = { holds: isThere(path), why: `${path} is not installed` };
  Deno.test({
    ...skipUnless(`decodeX86() agrees with objdump on ${path}`, X86, there, executable("/usr/bin/objdump")),
    fn: () => assertSame(path, stride),
  });
}

for (const name of ["rust_app", "go_app"] satisfies FixtureName[]) {
  const compiler = executable(`/usr/bin/${compilerOf(name)}`);
  Deno.test({
    ...skipUnless(
      `decodeX86() agrees with objdump on ${name}`,
      X86,
      compiler,
      executable("/usr/bin/objdump"),
    ),
    fn: () => assertSame(fixture(name), 2),
  });
}
