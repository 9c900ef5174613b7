/** The programs that follow a process tree: fork, exec and exit, and the one by which a process enters itself. */
import { StructLayout } from "../../../ffi/mod.ts";
import { readKernelTypes } from "../../sys/mod.ts";
import { Assembler, FP, R0, R1, R2, R3, R4, R6, R7, R8 } from "./assembler.ts";
import { HEADER } from "./layout.ts";

/** Offsets in the kernel's structures, from BTF. */
export interface TreeOffsets {
  /** `task_struct.tgid` */
  tgid: number;
  /** `task_struct.signal` */
  signal: number;
  /** `signal_struct.live`: threads left */
  live: number;
}

/** The maps that the tree programs use, by descriptor. */
export interface TreeMaps {
  config: number;
  tree: number;
  /** Ring buffer that is told of forks; left out when nobody listens. */
  forks?: number;
}

/** A record of the ring buffer. */
export const FORK_NEWS = new StructLayout({
  /** Global id of the child. */
  pid: "u64",
  /** CLOCK_MONOTONIC, nanoseconds. */
  atNs: "u64",
});

/** Emits: *(fp + slot) = *(uN *)(task in `base` + offset). */
export function emitRead(
  a: Assembler,
  base: 6 | 7 | 8,
  offset: number,
  options: { slot: number; bytes: 4 | 8 },
): void {
  a.address(R1, FP, options.slot).movImm(R2, options.bytes).address(R3, base, offset).call(
    "probe_read_kernel",
  );
}

/**
 * sched_process_fork(parent, child): a child of a member becomes a member; threads are skipped.
 * A child that finds no room is counted: its hits are misses.
 */
export function forkProgram(maps: TreeMaps, offsets: TreeOffsets): Assembler {
  const a = new Assembler();
  a.load(8, R6, R1, 0).load(8, R7, R1, 8);
  emitRead(a, R6, offsets.tgid, { slot: -4, bytes: 4 });
  emitRead(a, R7, offsets.tgid, { slot: -8, bytes: 4 });
  a.load(4, R1, FP, -4).load(4, R2, FP, -8).jumpIf("eq", R1, R2, "out")
    .address(R2, FP, -4).map(R1, maps.tree).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out")
    .storeImm(4, FP, -12, 1)
    .address(R2, FP, -8).address(R3, FP, -12).map(R1, maps.tree).movImm(R4, 0).call("map_update_elem")
    .jumpIfImm("eq", R0, 0, "entered")
    .mapValue(R1, maps.config, 0).movImm(R2, 1).atomicAdd(R1, HEADER.offsets.untracked, R2).jump("out")
    .label("entered");
  if (maps.forks !== undefined) {
    a.load(4, R1, FP, -8).store(8, FP, -32, R1).call("ktime_get_ns").store(8, FP, -24, R0)
      .address(R2, FP, -32).map(R1, maps.forks).movImm(R3, FORK_NEWS.sizeBytes).movImm(R4, 0).call(
        "ringbuf_output",
      )
      .jumpIfImm("eq", R0, 0, "out")
      .mapValue(R1, maps.config, 0).movImm(R2, 1).atomicAdd(R1, HEADER.offsets.untracked, R2);
  }
  return a.label("out").movImm(R0, 0).exit();
}

/** sched_process_exec: the windows of a run start when its root executes the command. */
export function execProgram(maps: TreeMaps): Assembler {
  return new Assembler()
    .call("get_current_pid_tgid").mov(R6, R0).aluImm("rsh", R6, 32)
    .mapValue(R7, maps.config, 0).load(8, R1, R7, HEADER.offsets.root).jumpIf("ne", R1, R6, "out")
    .load(8, R1, R7, HEADER.offsets.windowBase).jumpIfImm("ne", R1, 0, "out")
    .call("ktime_get_ns").store(8, R7, HEADER.offsets.windowBase, R0)
    .label("out").movImm(R0, 0).exit();
}

/**
 * Emits, at the exit of a thread: r7 = its process, stored at fp − 4; r6 = its task. The end of the holder's main thread
 * cancels, and leaves for "out".
 *
 * @param header the map whose head is the header
 */
export function emitHolderExit(a: Assembler, header: number): void {
  a.load(8, R6, R1, 0).call("get_current_pid_tgid").mov(R7, R0).aluImm("rsh", R7, 32).store(4, FP, -4, R7)
    .mapValue(R8, header, 0).load(8, R1, R8, HEADER.offsets.holder).jumpIf("ne", R1, R7, "member")
    // The holder's main thread: pid == tgid.
    .aluImm("lsh", R0, 32).aluImm("rsh", R0, 32).jumpIf("ne", R0, R7, "out")
    .movImm(R1, 1).store(8, R8, HEADER.offsets.cancelled, R1).jump("out")
    .label("member");
}

/** Emits: leaves for "out" unless the task in r6 is the last thread of its process. */
export function emitLastThread(a: Assembler, offsets: TreeOffsets): void {
  emitRead(a, R6, offsets.signal, { slot: -16, bytes: 8 });
  a.load(8, R8, FP, -16);
  emitRead(a, R8, offsets.live, { slot: -24, bytes: 4 });
  a.load(4, R1, FP, -24).jumpIfImm("ne", R1, 0, "out");
}

/**
 * sched_process_exit(task), as the task that exits: the last thread takes its process out of the tree; the holder's
 * exit cancels. The tracepoint comes before exit_files() in do_exit(), so delays in flight end before the holder's
 * descriptors close: closing waits for them.
 */
export function exitProgram(maps: TreeMaps, offsets: TreeOffsets): Assembler {
  const a = new Assembler();
  emitHolderExit(a, maps.config);
  emitLastThread(a, offsets);
  return a.address(R2, FP, -4).map(R1, maps.tree).call("map_delete_elem")
    .label("out").movImm(R0, 0).exit();
}

/** Where the trackers find what they need in the running kernel. @throws SbError `backend.unavailable` */
export function readTreeOffsets(): TreeOffsets {
  const types = readKernelTypes();
  return {
    tgid: types.offsetOf("task_struct", "tgid"),
    signal: types.offsetOf("task_struct", "signal"),
    live: types.offsetOf("signal_struct", "live"),
  };
}

/** Run once by a process: tells its global id (`seen`); with `enter` it also becomes the root of the tree. */
export function seedProgram(maps: TreeMaps, enter: boolean): Assembler {
  const a = new Assembler();
  a.call("get_current_pid_tgid").mov(R6, R0).aluImm("rsh", R6, 32)
    .mapValue(R7, maps.config, 0).store(8, R7, HEADER.offsets.seen, R6);
  if (enter) {
    a.store(8, R7, HEADER.offsets.root, R6).store(4, FP, -4, R6).storeImm(4, FP, -8, 1)
      .address(R2, FP, -4).address(R3, FP, -8).map(R1, maps.tree).movImm(R4, 0).call("map_update_elem");
  }
  return a.movImm(R0, 0).exit();
}
