/** Where calibration has its code. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { HotLoop, stubOffsets } from "../../../ffi/mod.ts";

const RETURNS = Deno.build.arch === "x86_64" ? [0xc3] : [0xc0, 0x03, 0x5f, 0xd6];
const PUSHES = [0x55, 0x5d, 0xc3];
const JUMPS = [0xeb, 0x00, 0xc3];

Deno.test("what stands at an offset is always the same code, whatever else is in the file", () => {
  const [push] = stubOffsets([PUSHES]);
  assertEquals(stubOffsets([JUMPS, PUSHES, RETURNS])[1], push);
  assertNotEquals(stubOffsets([JUMPS])[0], push);
});

Deno.test("equal stubs have places of their own", () => {
  const offsets = stubOffsets([PUSHES, PUSHES, PUSHES]);
  assertEquals(new Set(offsets).size, 3);
});

// The library that it needs stays open: it would count as a leak of a test.
const loop = new HotLoop([RETURNS, RETURNS]);

Deno.test("stubs are called where they are", () => {
  loop.run(0, 10);
  loop.run(1, 10);
  assertEquals(loop.offsets, stubOffsets([RETURNS, RETURNS]));
});
