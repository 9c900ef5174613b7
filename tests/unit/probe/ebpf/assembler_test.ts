import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Assembler, FP, R0, R1, R2, R3 } from "../../../../src/probe/ebpf/assembler.ts";
import { disassemble } from "../../../../src/probe/ebpf/disassembler.ts";

function bytesOf(a: Assembler): string {
  return [...a.encode()].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

Deno.test("Assembler.encode() gives the instruction set's encodings", () => {
  assertEquals(bytesOf(new Assembler().mov(R1, R2)), "bf 21 00 00 00 00 00 00");
  assertEquals(bytesOf(new Assembler().movImm(R0, -1)), "b7 00 00 00 ff ff ff ff");
  assertEquals(bytesOf(new Assembler().load(8, R1, FP, -8)), "79 a1 f8 ff 00 00 00 00");
  assertEquals(bytesOf(new Assembler().store(4, FP, -4, R3)), "63 3a fc ff 00 00 00 00");
  assertEquals(bytesOf(new Assembler().atomicFetchAdd(R1, 16, R2)), "db 21 10 00 01 00 00 00");
  assertEquals(
    bytesOf(new Assembler().constant(R1, 0x1122334455667788n)),
    "18 01 00 00 88 77 66 55 00 00 00 00 44 33 22 11",
  );
  assertEquals(
    bytesOf(new Assembler().call("ktime_get_ns").exit()),
    "85 00 00 00 05 00 00 00 95 00 00 00 00 00 00 00",
  );
});

Deno.test("Assembler.encode() resolves labels forwards and backwards, across two-slot instructions", () => {
  const a = new Assembler().label("top").jumpIfImm("eq", R0, 7, "end").constant(R1, 1n).jump("top").label(
    "end",
  ).exit();
  const view = new DataView(a.encode().buffer);
  assertEquals(view.getInt16(2, true), 3);
  assertEquals(view.getInt16(3 * 8 + 2, true), -4);
});

Deno.test("Assembler refuses an unknown label and a label defined twice", () => {
  assertThrows(() => new Assembler().jump("nowhere").encode(), Error, "nowhere");
  assertThrows(() => new Assembler().label("a").label("a"), Error, "defined twice");
});

Deno.test("disassemble() prints labels, helpers by name and memory accesses as the verifier does", () => {
  const text = disassemble(
    new Assembler().label("start").load(8, R1, FP, -8).call("ktime_get_ns").jumpIf("ge", R0, R1, "done")
      .atomicAdd(R1, 8, R2).label("done").movImm(R0, 0).exit(),
  );
  assertStringIncludes(text, "start:\n    0: r1 = *(u64 *)(r10 -8)");
  assertStringIncludes(text, "call ktime_get_ns#5");
  assertStringIncludes(text, "if r0 >= r1 goto done");
  assertStringIncludes(text, "lock *(u64 *)(r1 +8) += r2");
  assertStringIncludes(text, "done:\n    4: r0 = 0");
});
