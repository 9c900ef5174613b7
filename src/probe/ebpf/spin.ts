/** The wait of a delayed hit: a nested loop that ends early for a fatal signal or a cancellation, and lets others run. */
import { Assembler, FP, R0, R1, R2, R3, R4, R5, R6, R7 } from "./assembler.ts";
import { HEADER, SLOT, SLOT_SHIFT, SlotFlag, SLOTS_OFFSET } from "./layout.ts";
import { headerOf, type KernelOffsets, type ProgramMaps } from "./programs.ts";

/** The context of the loop's callbacks, on the stack of the program: byte offsets. */
export const SPIN = {
  deadline: 0,
  /** The clock as it was read last. */
  now: 8,
  started: 16,
  stackPointer: 24,
  generation: 32,
  slotOffset: 40,
  /** Not 0 when the delay ended early. */
  cut: 48,
  /** Byte offset of the site's floor among the floors. */
  floorOffset: 56,
} as const;

/** Clock readings between two looks at the signals: some 60 µs. */
const TURNS = 2000;
/** The bit of SIGKILL: every fatal signal becomes one in each thread of the group (kernel/signal.c, complete_signal). */
const SIGKILL_BIT = 1 << 8;

/**
 * Emits `inner` (one clock reading) and `outer` (some 60 µs of them, then a look around): callbacks of bpf_loop (5.17).
 * Reading a page of the task's own memory may sleep, which is what gives the CPU to others (6.0).
 */
export function emitSpin(
  a: Assembler,
  { maps, kernel, yielding }: { maps: ProgramMaps; kernel: KernelOffsets; yielding: boolean },
): void {
  a.label("inner").mov(R6, R2).call("ktime_get_ns").store(8, R6, SPIN.now, R0)
    .load(8, R1, R6, SPIN.deadline).jumpIf("ge", R0, R1, "inner_done").movImm(R0, 0).exit()
    .label("inner_done").movImm(R0, 1).exit();
  a.label("outer").mov(R6, R2)
    .movImm(R1, TURNS).functionAddress(R2, "inner").mov(R3, R6).movImm(R4, 0).call("loop")
    .load(8, R0, R6, SPIN.now).load(8, R1, R6, SPIN.deadline).jumpIf("ge", R0, R1, "outer_done")
    .call("get_current_task_btf").mov(R7, R0)
    .load(8, R1, R7, kernel.pendingSignals).aluImm("and", R1, SIGKILL_BIT).jumpIfImm("ne", R1, 0, "outer_cut")
    .mapValue(R2, headerOf(maps), 0).load(8, R1, R2, HEADER.offsets.cancelled).jumpIfImm(
      "ne",
      R1,
      0,
      "outer_cut",
    )
    .load(8, R1, R6, SPIN.slotOffset).aluImm("and", R1, (maps.slots - 1) << SLOT_SHIFT)
    .mapValue(R2, maps.config, SLOTS_OFFSET).alu("add", R2, R1)
    .load(8, R1, R2, SLOT.offsets.flags).aluImm("and", R1, SlotFlag.live).jumpIfImm("eq", R1, 0, "outer_cut")
    .load(8, R1, R2, SLOT.offsets.generation)
    .load(8, R2, R6, SPIN.generation).jumpIf("ne", R1, R2, "outer_cut");
  if (yielding) {
    a.address(R1, FP, -8).movImm(R2, 8).load(8, R3, R6, SPIN.stackPointer).mov(R4, R7).movImm(R5, 0)
      .call("copy_from_user_task");
  }
  a.movImm(R0, 0).exit()
    .label("outer_cut").storeImm(8, R6, SPIN.cut, 1)
    .label("outer_done").movImm(R0, 1).exit();
}
