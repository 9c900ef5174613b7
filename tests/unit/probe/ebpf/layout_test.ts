import { assert, assertEquals } from "@std/assert";
import {
  encodeCookie,
  FLOORS_OFFSET,
  HEADER,
  SLOT,
  SLOT_BYTES,
  SLOTS_OFFSET,
} from "../../../../src/probe/ebpf/layout.ts";

Deno.test("the header, the floors and the slots do not overlap", () => {
  assert(HEADER.sizeBytes <= FLOORS_OFFSET);
  assert(FLOORS_OFFSET + 32 * 8 <= SLOTS_OFFSET);
  assert(SLOT.sizeBytes <= SLOT_BYTES);
  assertEquals(SLOTS_OFFSET % 64, 0);
});

Deno.test("encodeCookie() keeps slot, floor class and condition apart", () => {
  assertEquals(encodeCookie({ slot: 0xffff, floorClass: 3 }), 0x3ffffn);
  assertEquals(
    encodeCookie({ slot: 1, floorClass: 2, condition: { mask: 0x41, when: "clear" } }),
    0x0000_0041_0002_0001n,
  );
  assertEquals(
    encodeCookie({ slot: 1, floorClass: 2, condition: { mask: 0x41, when: "set" } }),
    0x1_0041_0002_0001n,
  );
});
