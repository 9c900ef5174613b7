/** Who is in scope: the part of the program at a site that turns others away. */
import { type Assembler, FP, R0, R1, R2, R3, R7, R8 } from "./assembler.ts";
import {
  HEADER,
  MAX_SCOPES,
  MAX_SETS,
  MEMBER,
  SCOPE_SET,
  SET_BYTES,
  SET_MEMBER,
  SLOT,
  SlotFlag,
} from "./layout.ts";
import { headerOf, type ProgramMaps, TREE_KEY } from "./programs.ts";

/** r0 = the process that executes the site. */
function emitProcess(a: Assembler): void {
  a.call("get_current_pid_tgid").aluImm("rsh", R0, 32).store(4, FP, TREE_KEY, R0);
}

/** r0 = its entry in the tree, or 0. */
function emitLookUp(a: Assembler, maps: Pick<ProgramMaps, "tree">): void {
  a.address(R2, FP, TREE_KEY).map(R1, maps.tree).call("map_lookup_elem");
}

/** Turns away who is not in the tree. */
export function emitFilter(a: Assembler, maps: Pick<ProgramMaps, "tree">): void {
  emitProcess(a);
  emitLookUp(a, maps);
  a.jumpIfImm("eq", R0, 0, "outside");
}

/** Turns away who is in none of the slot's scopes; r7 holds the slot's flags, r8 is the slot. */
export function emitScopes(a: Assembler, maps: ProgramMaps): void {
  emitProcess(a);
  if (maps.sets === undefined) emitScopeBits(a, maps);
  else emitScopeSet(a, maps, maps.sets);
}

/** A process has a word with a bit a scope, and so has the slot. */
function emitScopeBits(a: Assembler, maps: ProgramMaps): void {
  emitLookUp(a, maps);
  a.mov(R1, R7).aluImm("and", R1, SlotFlag.everyone).jumpIfImm("ne", R0, 0, "known")
    .jumpIfImm("eq", R1, 0, "outside").jump("in_scope")
    .label("known").load(8, R2, R0, MEMBER.offsets.excluded).jumpIfImm("ne", R2, 0, "outside")
    .jumpIfImm("ne", R1, 0, "in_scope")
    .load(8, R1, R0, MEMBER.offsets.scopes).load(8, R2, R8, SLOT.offsets.scopes).alu("and", R1, R2)
    .jumpIfImm("eq", R1, 0, "outside")
    .label("in_scope");
}

/** A process is in a set of scopes, and the slot has one scope or a cgroup; the holder is in none. */
function emitScopeSet(a: Assembler, maps: ProgramMaps, sets: number): void {
  a.mapValue(R2, headerOf(maps), 0).load(8, R1, R2, HEADER.offsets.holder).jumpIf("eq", R0, R1, "outside")
    .mov(R1, R7).aluImm("and", R1, SlotFlag.everyone).jumpIfImm("ne", R1, 0, "in_scope")
    .mov(R1, R7).aluImm("and", R1, SlotFlag.cgroup).jumpIfImm("ne", R1, 0, "by_cgroup");
  emitLookUp(a, maps);
  a.jumpIfImm("eq", R0, 0, "outside").load(8, R1, R0, SET_MEMBER.offsets.set);
  emitSet(a, sets);
  a.load(8, R3, R8, SLOT.offsets.scopes).mov(R1, R3).aluImm("rsh", R1, 6).aluImm(
    "and",
    R1,
    MAX_SCOPES / 64 - 1,
  )
    .aluImm("lsh", R1, 3).alu("add", R2, R1).load(8, R2, R2, SCOPE_SET.sizeBytes)
    .aluImm("and", R3, 63).alu("rsh", R2, R3).aluImm("and", R2, 1).jumpIfImm("eq", R2, 0, "outside")
    .jump("in_scope")
    .label("by_cgroup").load(8, R1, R8, SLOT.offsets.cgroupLevel).call("get_current_ancestor_cgroup_id")
    .load(8, R1, R8, SLOT.offsets.scopes).jumpIf("ne", R0, R1, "outside")
    .label("in_scope");
}

/** r2 = the set whose number is in r1, which is destroyed. */
export function emitSet(a: Assembler, sets: number): void {
  a.aluImm("and", R1, MAX_SETS - 1).aluImm("mul", R1, SET_BYTES).mapValue(R2, sets, 0).alu("add", R2, R1);
}
