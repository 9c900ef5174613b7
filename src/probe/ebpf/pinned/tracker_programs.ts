/** The programs that follow the scopes of pinned probes: fork, exec and exit, one set for all. */
import { Assembler, FP, R0, R1, R2, R3, R4, R6, R7 } from "../assembler.ts";
import { HEADER, MEMBER, SLOT, SLOT_SHIFT, SLOTS_OFFSET } from "../layout.ts";
import { emitLastThread, emitRead, type TreeOffsets } from "../tree_programs.ts";
import { SLOTS } from "./maps.ts";
import { STATE } from "./state.ts";

/** The maps that the trackers use, by descriptor. */
export interface TrackerMaps {
  config: number;
  state: number;
  tree: number;
  owners: number;
}

/**
 * sched_process_fork(parent, child): a child process is in the scopes of its parent that are still in use. One look-up a
 * fork, however many probes there are.
 */
export function inheritProgram(maps: TrackerMaps, offsets: TreeOffsets): Assembler {
  const a = new Assembler();
  a.load(8, R6, R1, 0).load(8, R7, R1, 8);
  emitRead(a, R6, offsets.tgid, { slot: -4, bytes: 4 });
  emitRead(a, R7, offsets.tgid, { slot: -8, bytes: 4 });
  return a.load(4, R1, FP, -4).load(4, R2, FP, -8).jumpIf("eq", R1, R2, "out")
    .address(R2, FP, -4).map(R1, maps.tree).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out")
    .load(8, R1, R0, MEMBER.offsets.scopes)
    .mapValue(R2, maps.state, 0).load(8, R2, R2, STATE.offsets.scopes).alu("and", R1, R2)
    .jumpIfImm("eq", R1, 0, "out")
    .store(8, FP, -24 + MEMBER.offsets.scopes, R1).storeImm(8, FP, -24 + MEMBER.offsets.excluded, 0)
    .address(R2, FP, -8).address(R3, FP, -24).map(R1, maps.tree).movImm(R4, 0).call("map_update_elem")
    .jumpIfImm("eq", R0, 0, "out")
    .mapValue(R1, maps.config, 0).movImm(R2, 1).atomicAdd(R1, HEADER.offsets.untracked, R2)
    .label("out").movImm(R0, 0).exit();
}

/** sched_process_exec: what was sb is another program now, and in its scopes again. */
export function becomeProgram(maps: TrackerMaps): Assembler {
  return new Assembler()
    .call("get_current_pid_tgid").aluImm("rsh", R0, 32).store(4, FP, -4, R0)
    .address(R2, FP, -4).map(R1, maps.tree).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out")
    .storeImm(8, R0, MEMBER.offsets.excluded, 0)
    .label("out").movImm(R0, 0).exit();
}

/** The callback of {@linkcode leaveProgram}. */
export const LEAVE_CALLBACKS = ["end_owned"];

/**
 * sched_process_exit(task), as the task that exits: the last thread takes its process out of the scopes; the probes that
 * it owned end at once. Their links stay until the next sb takes them away.
 */
export function leaveProgram(maps: TrackerMaps, offsets: TreeOffsets): Assembler {
  const a = new Assembler();
  a.load(8, R6, R1, 0).call("get_current_pid_tgid").mov(R7, R0).aluImm("rsh", R7, 32).store(4, FP, -4, R7);
  emitLastThread(a, offsets);
  return a.address(R2, FP, -4).map(R1, maps.tree).call("map_delete_elem")
    .address(R2, FP, -4).map(R1, maps.owners).call("map_delete_elem").jumpIfImm("ne", R0, 0, "out")
    .store(8, FP, -32, R7)
    .movImm(R1, SLOTS).functionAddress(R2, "end_owned").address(R3, FP, -32).movImm(R4, 0).call("loop")
    .label("out").movImm(R0, 0).exit()
    // (index, owner *): no further delay of an owned probe starts, those in flight end.
    .label("end_owned").load(8, R3, R2, 0).aluImm("and", R1, SLOTS - 1).aluImm("lsh", R1, SLOT_SHIFT)
    .mapValue(R4, maps.config, SLOTS_OFFSET).alu("add", R4, R1)
    .load(8, R1, R4, SLOT.offsets.owner).jumpIf("ne", R1, R3, "kept")
    .storeImm(8, R4, SLOT.offsets.flags, 0).movImm(R1, 1).atomicAdd(R4, SLOT.offsets.generation, R1)
    .label("kept").movImm(R0, 0).exit();
}
