/** The sets of scopes, over a map that no program uses. */
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { SbError } from "../../../../../src/core/mod.ts";
import { MAX_SCOPES, SCOPE_SET, SET_BYTES } from "../../../../../src/probe/ebpf/layout.ts";
import { ScopeSets } from "../../../../../src/probe/ebpf/pool/sets.ts";
import { probeFeatures } from "../../../../../src/probe/mod.ts";

// Libraries that are opened in a test would count as leaks.
probeFeatures();

type Field = keyof typeof SCOPE_SET.offsets;

function word(sets: ScopeSets, set: number, field: Field): number {
  return Number(sets.memory.load(set * SET_BYTES + SCOPE_SET.offsets[field]));
}

/** As the trackers do. */
function enter(sets: ScopeSets, set: number, processes: bigint): void {
  sets.memory.add(set * SET_BYTES + SCOPE_SET.offsets.members, processes);
}

function bit(sets: ScopeSets, set: number, scope: number): boolean {
  const at = set * SET_BYTES + SCOPE_SET.sizeBytes + (scope >> 6) * 8;
  return (sets.memory.load(at) >> BigInt(scope & 63) & 1n) === 1n;
}

Deno.test("ScopeSets has one set for the same scopes, however they came together", () => {
  using sets = new ScopeSets();
  const [a, b] = [sets.open({ guarded: false }), sets.open({ guarded: false })];
  const [onlyA, onlyB] = [sets.union(0, [a]), sets.union(0, [b])];
  assertEquals(sets.union(onlyA, [b]), sets.union(onlyB, [a]));
  const both = sets.union(onlyA, [b]);
  assertEquals(sets.scopesOf(both), [a, b]);
  assertEquals(sets.without(both, b), onlyA);
  assertEquals(sets.without(onlyA, a), 0);
  assert(bit(sets, both, a) && bit(sets, both, b) && !bit(sets, onlyA, b));
});

Deno.test("ScopeSets counts the members of a scope over its sets", () => {
  using sets = new ScopeSets();
  const [outer, inner] = [sets.open({ guarded: false }), sets.open({ guarded: false })];
  enter(sets, sets.union(0, [outer]), 3n);
  enter(sets, sets.union(0, [outer, inner]), 2n);
  assertEquals([sets.members(outer), sets.members(inner)], [5, 2]);
  assert(sets.covers(outer, inner));
  assertFalse(sets.covers(inner, outer));
});

Deno.test("ScopeSets sends who gains privilege to the set without guarded scopes", () => {
  using sets = new ScopeSets();
  const [guarded, free] = [sets.open({ guarded: true }), sets.open({ guarded: false })];
  const both = sets.union(0, [guarded, free]);
  const onlyGuarded = sets.union(0, [guarded]);
  const onlyFree = sets.union(0, [free]);
  assertEquals(word(sets, both, "unguarded"), onlyFree);
  assertEquals(word(sets, onlyGuarded, "unguarded"), 0);
  assertEquals(word(sets, onlyFree, "unguarded"), onlyFree);
  sets.close(free);
  assertEquals(word(sets, both, "unguarded"), 0);
});

Deno.test("ScopeSets closes a scope in every set at once, and tells of those that nobody needs to follow", () => {
  using sets = new ScopeSets();
  const [a, b] = [sets.open({ guarded: false }), sets.open({ guarded: false })];
  const [onlyA, both] = [sets.union(0, [a]), sets.union(0, [a, b])];
  enter(sets, onlyA, 1n);
  sets.close(a);
  assertFalse(bit(sets, onlyA, a) || bit(sets, both, a));
  assert(bit(sets, both, b));
  assert(sets.isDead(onlyA) && sets.hasDeadMembers && !sets.isDead(both));
  assertEquals([word(sets, onlyA, "followed"), word(sets, both, "followed")], [0, 1]);
  // The number means another tree from now on, and the sets of before are not its.
  assertEquals(sets.open({ guarded: false }), a);
  assertEquals([sets.members(a), sets.scopesOf(both)], [0, [b]]);
});

Deno.test("ScopeSets tells of the processes of a scope that somebody listens to", () => {
  using sets = new ScopeSets();
  const [a, b] = [sets.open({ guarded: false }), sets.open({ guarded: false })];
  const [onlyA, onlyB] = [sets.union(0, [a]), sets.union(0, [b])];
  sets.setTold(a, true);
  const both = sets.union(onlyB, [a]);
  assertEquals([onlyA, onlyB, both].map((set) => word(sets, set, "told")), [1, 0, 1]);
  sets.close(a);
  assertEquals(word(sets, both, "told"), 0);
});

Deno.test("ScopeSets refuses more scopes than there are bits", () => {
  using sets = new ScopeSets();
  // One is sb's own.
  for (let count = 1; count < MAX_SCOPES; count++) sets.open({ guarded: false });
  const error = assertThrows(() => sets.open({ guarded: false }), SbError);
  assertEquals(error.code, "scope.too_many");
});
