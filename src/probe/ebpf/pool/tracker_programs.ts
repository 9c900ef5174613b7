/** The programs that follow the scopes of a pool: fork, exec and exit, one set for all scopes, and the one that moves processes. */
import { StructLayout } from "../../../../ffi/mod.ts";
import { Assembler, FP, R0, R1, R2, R3, R4, R6, R7, R8, R9, type Register } from "../assembler.ts";
import { HEADER, SCOPE_SET, SET_MEMBER } from "../layout.ts";
import { emitSet } from "../membership.ts";
import { emitHolderExit, emitLastThread, emitRead, type TreeOffsets } from "../tree_programs.ts";

/** The maps that the trackers use, by descriptor. */
export interface TrackerMaps {
  header: number;
  /** Global process id → {@linkcode SET_MEMBER}. */
  tree: number;
  sets: number;
  /** Ring buffer of {@linkcode NEWS}. */
  news: number;
}

/** Offsets in `struct linux_binprm`, from BTF. */
export interface ExecOffsets {
  /** The byte that holds the bit `secureexec`, and which bit of it. */
  secureexec: { byte: number; bit: number };
  /** `interp_flags` */
  interpreterFlags: number;
}

/** What a record of the ring buffer tells. */
export const NewsKind = {
  /** A child is in the set. */
  forked: 1,
  /** A process that was in the set has ended. */
  exited: 2,
  /** A process gained privilege at an exec and went from the set to `other`. */
  left: 3,
  /** A child should be in the set, but was entered elsewhere before. */
  met: 4,
  /** A thread executed a program and is the leader now: what hung on the old leader's task does not see it. */
  renewed: 5,
} as const;

/** A record of the ring buffer. */
export const NEWS = new StructLayout({
  kind: "u64",
  pid: "u64",
  set: "u64",
  other: "u64",
  /** CLOCK_MONOTONIC of the event, nanoseconds. */
  atNs: "u64",
});

/** BPF_NOEXIST, and what an update with it answers: include/uapi/linux/bpf.h, errno-base.h. */
const NOEXIST = 1, EEXIST = 17;
/** BINPRM_FLAGS_ENFORCE_NONDUMP: the file may not be read by who executes it (include/linux/binfmts.h). */
const ENFORCE_NONDUMP = 1;
/** How often leaving is tried against sb, which moves the process at the same time. */
const LEAVE_TRIES = 8;
const RECORD = -64;

/** r2 = the set whose number is in `number`; r1 is destroyed. */
function emitSetOf(a: Assembler, maps: TrackerMaps, number: Register): void {
  a.mov(R1, number);
  emitSet(a, maps.sets);
}

/** Tells sb; what finds no room is counted. The registers hold the process, its set and the other set. */
function emitNews(
  a: Assembler,
  maps: TrackerMaps,
  { kind, pid, set, other }: { kind: number; pid: Register; set: Register; other?: Register },
): void {
  const told = a.uniqueLabel("told");
  a.storeImm(8, FP, RECORD + NEWS.offsets.kind, kind).store(8, FP, RECORD + NEWS.offsets.pid, pid)
    .store(8, FP, RECORD + NEWS.offsets.set, set);
  if (other === undefined) a.storeImm(8, FP, RECORD + NEWS.offsets.other, 0);
  else a.store(8, FP, RECORD + NEWS.offsets.other, other);
  a.call("ktime_get_ns").store(8, FP, RECORD + NEWS.offsets.atNs, R0)
    .address(R2, FP, RECORD).map(R1, maps.news).movImm(R3, NEWS.sizeBytes).movImm(R4, 0).call(
      "ringbuf_output",
    )
    .jumpIfImm("eq", R0, 0, told);
  emitUntracked(a, maps);
  a.label(told);
}

function emitUntracked(a: Assembler, maps: TrackerMaps): void {
  a.mapValue(R1, maps.header, 0).movImm(R2, 1).atomicAdd(R1, HEADER.offsets.untracked, R2);
}

/** One process fewer in the set at r2. Goes on at "tell" when sb is to know, at `quiet` otherwise. */
function emitLeave(a: Assembler, { tell, quiet }: { tell: string; quiet: string }): void {
  a.movImm(R1, -1).atomicFetchAdd(R2, SCOPE_SET.offsets.members, R1).jumpIfImm("eq", R1, 1, tell)
    .load(8, R1, R2, SCOPE_SET.offsets.told).jumpIfImm("eq", R1, 0, quiet).label(tell);
}

/** sched_process_fork(parent, child): a child process is in its parent's set. One look-up a fork of a process in no scope. */
export function forkProgram(maps: TrackerMaps, offsets: TreeOffsets): Assembler {
  const a = new Assembler();
  a.load(8, R6, R1, 0).load(8, R7, R1, 8);
  emitRead(a, R6, offsets.tgid, { slot: -4, bytes: 4 });
  emitRead(a, R7, offsets.tgid, { slot: -8, bytes: 4 });
  a.load(4, R1, FP, -4).load(4, R7, FP, -8).jumpIf("eq", R1, R7, "out")
    .address(R2, FP, -4).map(R1, maps.tree).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out")
    .load(8, R9, R0, SET_MEMBER.offsets.set).jumpIfImm("eq", R9, 0, "out");
  emitSetOf(a, maps, R9);
  a.mov(R8, R2).load(8, R1, R8, SCOPE_SET.offsets.followed).jumpIfImm("eq", R1, 0, "out")
    .store(8, FP, -16, R9).movImm(R1, 1).atomicAdd(R8, SCOPE_SET.offsets.members, R1)
    .address(R2, FP, -8).address(R3, FP, -16).map(R1, maps.tree).movImm(R4, NOEXIST).call("map_update_elem")
    .jumpIfImm("eq", R0, 0, "entered")
    .movImm(R1, -1).atomicAdd(R8, SCOPE_SET.offsets.members, R1).jumpIfImm("eq", R0, -EEXIST, "met");
  emitUntracked(a, maps);
  a.jump("out").label("met");
  emitNews(a, maps, { kind: NewsKind.met, pid: R7, set: R9 });
  a.jump("out").label("entered").load(8, R1, R8, SCOPE_SET.offsets.told).jumpIfImm("eq", R1, 0, "out");
  emitNews(a, maps, { kind: NewsKind.forked, pid: R7, set: R9 });
  return a.label("out").movImm(R0, 0).exit();
}

/**
 * sched_process_exec(task, id before, linux_binprm): a process that gains privilege, changes its ids or executes a file
 * that it may not read leaves the guarded scopes. `secureexec` is what the dynamic loader is told too: AT_SECURE.
 */
export function execProgram(maps: TrackerMaps, offsets: ExecOffsets): Assembler {
  const a = new Assembler();
  a.load(8, R7, R1, 8).load(8, R8, R1, 16)
    .call("get_current_pid_tgid").aluImm("rsh", R0, 32).store(4, FP, -4, R0)
    .address(R2, FP, -4).map(R1, maps.tree).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out")
    .mov(R9, R0).load(8, R6, R9, SET_MEMBER.offsets.set).jumpIfImm("eq", R6, 0, "out")
    .storeImm(8, FP, -16, 0);
  emitRead(a, R8, offsets.secureexec.byte, { slot: -16, bytes: 4 });
  a.load(1, R1, FP, -16).aluImm("and", R1, 1 << offsets.secureexec.bit).jumpIfImm("ne", R1, 0, "gains");
  emitRead(a, R8, offsets.interpreterFlags, { slot: -16, bytes: 4 });
  a.load(4, R1, FP, -16).aluImm("and", R1, ENFORCE_NONDUMP).jumpIfImm("ne", R1, 0, "gains")
    .load(4, R8, FP, -4).jumpIf("eq", R7, R8, "out");
  emitSetOf(a, maps, R6);
  a.load(8, R1, R2, SCOPE_SET.offsets.told).jumpIfImm("eq", R1, 0, "out");
  emitNews(a, maps, { kind: NewsKind.renewed, pid: R8, set: R6 });
  a.jump("out").label("gains");
  for (let attempt = 0; attempt < LEAVE_TRIES; attempt++) {
    a.load(8, R6, R9, SET_MEMBER.offsets.set).jumpIfImm("eq", R6, 0, "out");
    emitSetOf(a, maps, R6);
    a.load(8, R7, R2, SCOPE_SET.offsets.unguarded).jumpIf("eq", R6, R7, "out")
      .mov(R0, R6).atomicCompareExchange(R9, SET_MEMBER.offsets.set, R7).jumpIf("eq", R0, R6, "moved");
  }
  // Never in a scope that it may not be in, whatever else it loses by that.
  emitUntracked(a, maps);
  a.movImm(R6, 0).atomicExchange(R9, SET_MEMBER.offsets.set, R6).movImm(R7, 0).label("moved");
  emitSetOf(a, maps, R7);
  a.movImm(R1, 1).atomicAdd(R2, SCOPE_SET.offsets.members, R1);
  a.jumpIfImm("ne", R7, 0, "kept")
    .address(R2, FP, -4).map(R1, maps.tree).call("map_delete_elem").label("kept");
  emitSetOf(a, maps, R6);
  emitLeave(a, { tell: "tell", quiet: "out" });
  a.load(4, R8, FP, -4);
  emitNews(a, maps, { kind: NewsKind.left, pid: R8, set: R6, other: R7 });
  return a.label("out").movImm(R0, 0).exit();
}

/**
 * sched_process_exit(task), as the task that exits: the last thread takes its process out of its set; the holder's exit
 * cancels, before its descriptors close: closing waits for the delays in flight.
 */
export function exitProgram(maps: TrackerMaps, offsets: TreeOffsets): Assembler {
  const a = new Assembler();
  emitHolderExit(a, maps.header);
  emitLastThread(a, offsets);
  a.address(R2, FP, -4).map(R1, maps.tree).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out")
    // Whoever takes the number out accounts for it: sb may be moving the process now.
    .movImm(R9, 0).atomicExchange(R0, SET_MEMBER.offsets.set, R9)
    .address(R2, FP, -4).map(R1, maps.tree).call("map_delete_elem").jumpIfImm("eq", R9, 0, "out");
  emitSetOf(a, maps, R9);
  emitLeave(a, { tell: "tell", quiet: "out" });
  emitNews(a, maps, { kind: NewsKind.exited, pid: R7, set: R9 });
  return a.label("out").movImm(R0, 0).exit();
}

/**
 * Run by sb with (process, set, other set): moves the process from the one to the other, where 0 is none.
 * Returns 1, or 0 when it is not in that set.
 */
export function moveProgram(maps: TrackerMaps): Assembler {
  const a = new Assembler();
  a.load(8, R6, R1, 0).load(8, R7, R1, 8).load(8, R8, R1, 16).store(4, FP, -4, R6).store(8, FP, -16, R8);
  emitSetOf(a, maps, R8);
  a.movImm(R1, 1).atomicAdd(R2, SCOPE_SET.offsets.members, R1)
    .jumpIfImm("ne", R7, 0, "move")
    .address(R2, FP, -4).address(R3, FP, -16).map(R1, maps.tree).movImm(R4, NOEXIST).call("map_update_elem")
    .jumpIfImm("eq", R0, 0, "done").jump("fail")
    .label("move").address(R2, FP, -4).map(R1, maps.tree).call("map_lookup_elem").jumpIfImm(
      "eq",
      R0,
      0,
      "fail",
    )
    .mov(R9, R0).mov(R0, R7).atomicCompareExchange(R9, SET_MEMBER.offsets.set, R8).jumpIf(
      "ne",
      R0,
      R7,
      "fail",
    );
  emitSetOf(a, maps, R7);
  a.movImm(R1, -1).atomicAdd(R2, SCOPE_SET.offsets.members, R1).jumpIfImm("ne", R8, 0, "done")
    .address(R2, FP, -4).map(R1, maps.tree).call("map_delete_elem")
    .label("done").movImm(R0, 1).exit()
    .label("fail");
  emitSetOf(a, maps, R8);
  return a.movImm(R1, -1).atomicAdd(R2, SCOPE_SET.offsets.members, R1).movImm(R0, 0).exit();
}
