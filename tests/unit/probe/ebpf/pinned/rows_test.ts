/** Rows of pinned probes: which of them pay for a trap. */
import { assert, assertEquals } from "@std/assert";
import { parseSpec } from "../../../../../mod.ts";
import { HEADER, SLOT, SLOT_BYTES, SlotFlag } from "../../../../../src/probe/ebpf/layout.ts";
import {
  findFloorless,
  offsetsOf,
  type PinnedRow,
  rowOfPlan,
} from "../../../../../src/probe/ebpf/pinned/rows.ts";
import { MAX_SCOPES, STATE, STATE_BYTES } from "../../../../../src/probe/ebpf/pinned/state.ts";
import { samplePlan } from "../../../../cli/samples.ts";

function row(id: number, changes: Partial<PinnedRow> = {}): PinnedRow {
  return {
    id,
    state: "applied",
    ...rowOfPlan(samplePlan("f", "5us")),
    tag: null,
    owner: null,
    scope: 0,
    slot: id,
    entrySlot: null,
    table: null,
    windowBaseNs: "0",
    addedAtMs: 0,
    ...changes,
  };
}

Deno.test("of several probes on one site the first pays for the trap, in each scope", () => {
  const other = { sites: [{ fileOffset: 0x9999, class: "push" as const }] };
  const rows = [
    row(1),
    row(2),
    row(3, { scope: 1 }),
    row(4, other),
    row(5, { scope: null }),
    row(6, { scope: 1 }),
  ];
  assertEquals([...findFloorless(rows)], [2, 6]);
});

Deno.test("a trampoline and a site at the same offset are two traps", () => {
  const trampoline = row(2, { attach: "trampoline", functionOffset: 0x1234 });
  assertEquals(offsetsOf(trampoline), [0x1234]);
  assertEquals([...findFloorless([row(1), trampoline])], []);
});

Deno.test("a row survives its JSON", () => {
  const written = row(7, { spec: parseSpec("exp:5us,every=3,times=9,start=1s"), tag: "a" });
  assertEquals(JSON.parse(JSON.stringify(written)), written);
});

Deno.test("the words that programs share do not overlap", () => {
  assert(STATE.sizeBytes <= 128 && STATE_BYTES === 128 + MAX_SCOPES * 16);
  assert(SLOT.sizeBytes <= SLOT_BYTES && HEADER.sizeBytes <= 64);
  const flags = Object.values(SlotFlag);
  assertEquals(flags.reduce((sum: number, flag) => sum | flag, 0), 2 ** flags.length - 1);
});
