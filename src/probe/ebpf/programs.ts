/** The programs that run at a site, generated for what a session needs and nothing more. */
import { Assembler, FP, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, type Register } from "./assembler.ts";
import { bucketCount, OCTAVES } from "../histogram.ts";
import {
  EPOCH_SHIFT,
  FLOORS_OFFSET,
  HEADER,
  RECORD,
  SLOT,
  SLOT_BYTES,
  SLOT_SHIFT,
  SlotFlag,
  SLOTS_OFFSET,
} from "./layout.ts";
import { emitDraw } from "./draw.ts";
import { emitFilter, emitScopes } from "./membership.ts";
import { emitSpin, SPIN } from "./spin.ts";

/** Offsets in the kernel's structures, from BTF. */
export interface KernelOffsets {
  /** `task_struct.pending.signal`: pending signals of the thread, one bit each. */
  pendingSignals: number;
}

/** Offsets in `struct pt_regs` as a uprobe program sees it (arch/x86/include/asm/ptrace.h, arm64 likewise). */
export const REGISTERS = Deno.build.arch === "x86_64"
  ? { stackPointer: 152, flags: 144 }
  : { stackPointer: 248, flags: 264 };

/** What the sites of a session need; each feature left out costs nothing. */
export interface ProgramFeatures {
  /** The tree filter: executions of other processes are turned away. */
  filter: boolean;
  /** Some probe has a delay. */
  timed: boolean;
  distribution: boolean;
  window: boolean;
  /** `every` or `times`: hits are numbered over all CPUs. */
  ordered: boolean;
  probability: boolean;
  /** Some site counts only under a condition on the flags. */
  condition: boolean;
  /** The only cookie of the session, when it has one site: no cookie is fetched. */
  cookie?: { slot: number; floorClass: number };
  /** Delays let others run (sleepable uprobes, 6.0). */
  yielding: boolean;
  /**
   * Each slot's flags choose among the features, and its scopes are asked of the tree: for probes that come and go
   * while the program stays.
   */
  bySlot?: boolean;
}

/** The maps of a session, by descriptor. */
export interface ProgramMaps {
  /** The slots; its head is the header as well, where no map of its own is given. */
  config: number;
  header?: number;
  records: number;
  tree: number;
  /** Sets of scopes: a process in `tree` is in one of them. Only where slots choose. */
  sets?: number;
  tables: number;
  /** Room for quantile tables in an array, a power of two; null where `tables` is a hash, by the number of the table. */
  tableSlots: number | null;
  /** Probe slots, a power of two. */
  slots: number;
  /** Buckets an octave, as a power of two; null keeps no histogram. */
  histogramShift: number | null;
}

/** The map whose head is the header. */
export function headerOf(maps: ProgramMaps): number {
  return maps.header ?? maps.config;
}

/** Places on the stack: the slot, the process, the epoch of the link. */
const KEY = -8;
export const TREE_KEY = -16;
const EPOCH = -24;
/** The spin's context starts here; see spin.ts. */
export const CONTEXT = -96;

function emitIndex(a: Assembler, features: ProgramFeatures, maps: ProgramMaps): void {
  // r7 = slot index, stored as the key of the record; the floor's offset waits in the context.
  if (features.cookie) {
    a.movImm(R7, features.cookie.slot).storeImm(
      8,
      FP,
      CONTEXT + SPIN.floorOffset,
      features.cookie.floorClass * 8,
    );
  } else {
    a.mov(R1, R6).call("get_attach_cookie").mov(R7, R0);
    if (features.condition) emitCondition(a);
    if (features.timed) {
      a.mov(R1, R7).aluImm("rsh", R1, 16 - 3).aluImm("and", R1, 31 << 3).store(
        8,
        FP,
        CONTEXT + SPIN.floorOffset,
        R1,
      );
    }
    if (maps.sets !== undefined) a.mov(R1, R7).aluImm("rsh", R1, EPOCH_SHIFT).store(8, FP, EPOCH, R1);
    a.aluImm("and", R7, maps.slots - 1);
  }
  a.store(4, FP, KEY, R7);
}

/** Leaves for "out" when the flags at the site do not fulfil the condition of the cookie in r7; the context is in r6. */
export function emitCondition(a: Assembler): void {
  a.mov(R1, R7).aluImm("rsh", R1, 32).jumpIfImm("eq", R1, 0, "condition_holds")
    .load(8, R2, R6, REGISTERS.flags).mov(R3, R1).aluImm("and", R3, 0xffff).alu("and", R2, R3)
    .aluImm("and", R1, 0x10000).jumpIfImm("eq", R1, 0, "when_clear")
    .jumpIfImm("eq", R2, 0, "out").jump("condition_holds")
    .label("when_clear").jumpIfImm("ne", R2, 0, "out")
    .label("condition_holds");
}

/** Emits `body` so that it runs only for slots with the flag, where slots choose; otherwise for all. */
function whenSlotHas(
  a: Assembler,
  { features, flag }: { features: ProgramFeatures; flag: number },
  body: () => void,
): void {
  if (!features.bySlot) return body();
  const skip = a.uniqueLabel("without");
  a.load(8, R1, R8, SLOT.offsets.flags).aluImm("and", R1, flag).jumpIfImm("eq", R1, 0, skip);
  body();
  a.label(skip);
}

/** Leaves outside the window. The clock is read before the window is judged. */
function emitWindow(a: Assembler, maps: ProgramMaps): void {
  a.call("ktime_get_ns").load(8, R1, R8, SLOT.offsets.windowBase).jumpIfImm("ne", R1, 0, "have_base")
    .mapValue(R2, headerOf(maps), 0).load(8, R1, R2, HEADER.offsets.windowBase).jumpIfImm("eq", R1, 0, "out")
    .label("have_base").alu("sub", R0, R1)
    .load(8, R1, R8, SLOT.offsets.startNs).jumpIf("slt", R0, R1, "out")
    .load(8, R1, R8, SLOT.offsets.endNs).jumpIf("sge", R0, R1, "out");
}

/** r0 = the probe's record on this CPU; leaves when there is none (there always is). */
function emitRecord(a: Assembler, maps: ProgramMaps): void {
  a.address(R2, FP, KEY).map(R1, maps.records).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out");
}

function increment(a: Assembler, record: Register, field: number): void {
  a.movImm(R1, 1).atomicAdd(record, field, R1);
}

/** Chooses: goes to "counted" unless this hit is to be delayed. */
function emitSchedule(a: Assembler, features: ProgramFeatures): void {
  const ordered = { features, flag: SlotFlag.ordered };
  if (features.ordered) {
    whenSlotHas(a, ordered, () => {
      // r9 = hit number n, from 1
      a.load(8, R1, R8, SLOT.offsets.every).mov(R2, R9).alu("mod", R2, R1).jumpIfImm("ne", R2, 0, "counted");
    });
  }
  if (features.probability) {
    whenSlotHas(a, { features, flag: SlotFlag.probability }, () => {
      a.call("get_prandom_u32").load(8, R1, R8, SLOT.offsets.threshold).jumpIf("ge", R0, R1, "counted");
    });
  }
  if (features.ordered) {
    whenSlotHas(a, ordered, () => {
      a.load(8, R2, R8, SLOT.offsets.times)
        .load(8, R1, R8, SLOT.offsets.granted).jumpIf("ge", R1, R2, "counted")
        .movImm(R1, 1).atomicFetchAdd(R8, SLOT.offsets.granted, R1).jumpIf("ge", R1, R2, "counted");
    });
  }
}

/** r0 = floor(log2(value)); value is destroyed, r3 used. `value` must not be zero. */
export function emitLog2(a: Assembler, result: Register, value: Register, scratch: Register): void {
  a.movImm(result, 0);
  for (const shift of [32, 16, 8, 4, 2, 1]) {
    const next = a.uniqueLabel("log2");
    a.mov(scratch, value).aluImm("rsh", scratch, shift).jumpIfImm("eq", scratch, 0, next)
      .aluImm("add", result, shift).mov(value, scratch).label(next);
  }
}

/** Raises record[field] to r6, atomically enough: three tries against tasks that preempt each other here. */
function emitRaise(a: Assembler, record: Register, field: number): void {
  const done = a.uniqueLabel("raised");
  for (let attempt = 0; attempt < 3; attempt++) {
    a.load(8, R0, record, field).jumpIf("ge", R0, R6, done).mov(R2, R0).atomicCompareExchange(
      record,
      field,
      R6,
    )
      .jumpIf("eq", R0, R2, done);
  }
  a.label(done);
}

/** Adds the value in r6 to the histogram of the record in r7. */
function emitHistogram(a: Assembler, shift: number): void {
  const exact = 1 << shift;
  const last = bucketCount(shift) - 1;
  a.mov(R5, R6).jumpIfImm("lt", R6, exact, "bucket")
    .mov(R2, R6);
  emitLog2(a, R4, R2, R3);
  a.movImm(R5, last).jumpIfImm("ge", R4, OCTAVES, "bucket")
    .aluImm("sub", R4, shift).mov(R5, R6).alu("rsh", R5, R4)
    .aluImm("lsh", R4, shift).alu("add", R5, R4)
    .label("bucket").jumpIfImm("gt", R5, last, "out")
    .aluImm("lsh", R5, 3).alu("add", R7, R5);
  increment(a, R7, RECORD.sizeBytes);
}

/**
 * Keeps the program on the stack of its task. From 6.13 on a frame of 64 bytes or more lies in memory of the CPU ("private
 * stack", kernel commit a76ab5731e32): while one delay lets others run, another on that CPU would write over it, and
 * both would end with the later one. Programs with a tail call have none (check_max_stack_depth() in kernel/bpf/verifier.c);
 * this one is never reached, which the verifier proves, and takes out.
 */
function emitOwnStack(a: Assembler): void {
  a.movImm(R2, 0).jumpIfImm("eq", R2, 0, "own_stack").call("tail_call").movImm(R0, 0).exit().label(
    "own_stack",
  );
}

/**
 * The program of a site.
 *
 * @returns the program and its callbacks: labels of functions that need BTF
 */
export function siteProgram(
  features: ProgramFeatures,
  maps: ProgramMaps,
  kernel: KernelOffsets,
): { assembler: Assembler; callbacks: string[] } {
  const a = new Assembler();
  if (features.timed) emitOwnStack(a);
  a.mov(R6, R1);
  emitIndex(a, features, maps);
  if (features.filter && !features.bySlot) emitFilter(a, maps);
  if (features.cookie) a.mapValue(R8, maps.config, SLOTS_OFFSET + features.cookie.slot * SLOT_BYTES);
  else a.aluImm("lsh", R7, SLOT_SHIFT).mapValue(R8, maps.config, SLOTS_OFFSET).alu("add", R8, R7);
  if (features.bySlot) {
    // Before the flags: a probe that ends between the two readings cuts the delay.
    a.load(8, R1, R8, SLOT.offsets.generation).store(8, FP, CONTEXT + SPIN.generation, R1);
  }
  if (maps.sets !== undefined) {
    a.load(8, R1, FP, EPOCH).load(8, R2, R8, SLOT.offsets.epoch).jumpIf("ne", R1, R2, "out");
  }
  a.load(8, R7, R8, SLOT.offsets.flags).mov(R1, R7).aluImm("and", R1, SlotFlag.live).jumpIfImm(
    "eq",
    R1,
    0,
    "out",
  );
  if (features.bySlot) {
    emitScopes(a, maps);
    a.movImm(R9, 0).mov(R1, R7).aluImm("and", R1, SlotFlag.floorless).jumpIfImm("eq", R1, 0, "floor_counts")
      .storeImm(8, FP, CONTEXT + SPIN.floorOffset, 0).label("floor_counts");
  }
  if (features.window) {
    whenSlotHas(a, { features, flag: SlotFlag.window }, () => emitWindow(a, maps));
  }
  if (features.ordered) {
    whenSlotHas(a, { features, flag: SlotFlag.ordered }, () => {
      a.movImm(R9, 1).atomicFetchAdd(R8, SLOT.offsets.ordered, R9).aluImm("add", R9, 1);
    });
  }
  if (features.timed) a.aluImm("and", R7, SlotFlag.timed).jumpIfImm("ne", R7, 0, "timed");
  a.label("counted");
  emitRecord(a, maps);
  increment(a, R0, RECORD.offsets.hits);
  if (features.timed) emitFloorSum(a, maps, R0);
  a.label("out").movImm(R0, 0).exit();
  if (features.filter) {
    a.label("outside");
    emitRecord(a, maps);
    increment(a, R0, RECORD.offsets.outside);
    a.movImm(R0, 0).exit();
  }
  if (!features.timed) return { assembler: a, callbacks: [] };
  a.label("timed").call("ktime_get_ns").store(8, FP, CONTEXT + SPIN.started, R0).store(
    8,
    FP,
    CONTEXT + SPIN.now,
    R0,
  )
    .mapValue(R1, headerOf(maps), 0).load(8, R2, R1, HEADER.offsets.cancelled).jumpIfImm("ne", R2, 0, "out");
  if (maps.sets !== undefined) {
    // Read first: a line that is only read stays in every CPU's cache.
    a.load(8, R2, R1, HEADER.offsets.hit).jumpIfImm("ne", R2, 0, "told")
      .storeImm(8, R1, HEADER.offsets.hit, 1).label("told");
  }
  emitSchedule(a, features);
  emitDelay(a, features, maps);
  a.load(8, R1, R6, REGISTERS.stackPointer).store(8, FP, CONTEXT + SPIN.stackPointer, R1);
  if (!features.bySlot) {
    a.load(8, R1, R8, SLOT.offsets.generation).store(8, FP, CONTEXT + SPIN.generation, R1);
  }
  a.storeImm(8, FP, CONTEXT + SPIN.cut, 0)
    .load(4, R1, FP, KEY).aluImm("lsh", R1, SLOT_SHIFT).store(8, FP, CONTEXT + SPIN.slotOffset, R1)
    .movImm(R1, 1 << 23).functionAddress(R2, "outer").address(R3, FP, CONTEXT).movImm(R4, 0).call("loop")
    .label("spun");
  emitAccount(a, maps);
  emitSpin(a, { maps, kernel, yielding: features.yielding });
  return { assembler: a, callbacks: ["inner", "outer"] };
}

/** record.floorNs += this site's floor. */
function emitFloorSum(a: Assembler, maps: ProgramMaps, record: Register): void {
  a.load(8, R2, FP, CONTEXT + SPIN.floorOffset).aluImm("and", R2, 31 << 3)
    .mapValue(R1, headerOf(maps), FLOORS_OFFSET).alu("add", R1, R2).load(8, R1, R1, 0)
    .atomicAdd(record, RECORD.offsets.floorNs, R1);
}

/** Draws the delay, compensates it, and stores the deadline; r9 is free here. */
function emitDelay(a: Assembler, features: ProgramFeatures, maps: ProgramMaps): void {
  a.load(8, R9, R8, SLOT.offsets.delayNs);
  if (features.distribution) emitDraw(a, maps);
  // A compensated delay is never below zero; an expired deadline still runs one turn of the clock.
  a.load(8, R1, R8, SLOT.offsets.flags).aluImm("and", R1, SlotFlag.compensate).jumpIfImm(
    "eq",
    R1,
    0,
    "deadline",
  )
    .load(8, R2, FP, CONTEXT + SPIN.floorOffset).aluImm("and", R2, 31 << 3)
    .mapValue(R1, headerOf(maps), FLOORS_OFFSET).alu("add", R1, R2).load(8, R1, R1, 0)
    .jumpIf("ge", R1, R9, "no_time").alu("sub", R9, R1).jump("deadline")
    .label("no_time").movImm(R9, 0)
    .label("deadline").load(8, R0, FP, CONTEXT + SPIN.started).alu("add", R0, R9)
    .store(8, FP, CONTEXT + SPIN.deadline, R0)
    .jumpIfImm("ne", R9, 0, "spin").storeImm(8, FP, CONTEXT + SPIN.cut, 0).jump("spun")
    .label("spin");
}

/** After the spin: hits, delayed, cut, and over uncut delays the sum, the extremes and the histogram. */
function emitAccount(a: Assembler, maps: ProgramMaps): void {
  emitRecord(a, maps);
  a.mov(R7, R0);
  increment(a, R7, RECORD.offsets.hits);
  increment(a, R7, RECORD.offsets.delayed);
  a.load(8, R1, FP, CONTEXT + SPIN.cut).jumpIfImm("eq", R1, 0, "whole");
  increment(a, R7, RECORD.offsets.cut);
  a.jump("out")
    .label("whole").load(8, R6, FP, CONTEXT + SPIN.now).load(8, R1, FP, CONTEXT + SPIN.started).alu(
      "sub",
      R6,
      R1,
    )
    .load(8, R2, FP, CONTEXT + SPIN.floorOffset).aluImm("and", R2, 31 << 3)
    .mapValue(R1, headerOf(maps), FLOORS_OFFSET).alu("add", R1, R2).load(8, R1, R1, 0).alu("add", R6, R1)
    .atomicAdd(R7, RECORD.offsets.addedNs, R6);
  emitRaise(a, R7, RECORD.offsets.maxNs);
  a.mov(R9, R6).aluImm("xor", R6, -1);
  emitRaise(a, R7, RECORD.offsets.complementMinNs);
  if (maps.histogramShift !== null) {
    a.mov(R6, R9);
    emitHistogram(a, maps.histogramShift);
  }
  a.movImm(R0, 0).exit();
}
