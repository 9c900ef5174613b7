/** The programs that time functions: one at entries, one at ways out, one that forgets threads. */
import { Assembler, FP, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, type Register } from "../assembler.ts";
import { EPOCH_SHIFT, HEADER } from "../layout.ts";
import { emitFilter } from "../membership.ts";
import { emitCondition, REGISTERS } from "../programs.ts";
import { COST_CLASSES, CostKind, SPAN, THREAD, TIMES } from "./layout.ts";

/** The maps, by descriptor. */
export interface TimingMaps {
  /** Its head is the header. */
  config: number;
  tree: number;
  /** Thread (process and thread id in one word) → {@linkcode THREAD} and a span a group. */
  threads: number;
  /** The value of a thread that is in nothing. */
  fresh: number;
  times: number;
  costs: number;
  /** Groups, a power of two. */
  groups: number;
}

/** What the programs must do. */
export interface TimingFeatures {
  /** Executions of processes out of the tree reach them. */
  filter: boolean;
  /** Some site counts only under a condition on the flags. */
  condition: boolean;
  /** `task_struct.sched_info.run_delay`: how long the task has waited for a processor; null where the kernel does not keep it. */
  runDelay: number | null;
}

/** Places on the stack; the filter uses −16. */
const GROUP = -8, KEY = -32, NOW = -40, COOKIE = -48;

/**
 * Emits: r9 = cookie, r7 = the group's record; leaves for "out" where the execution is none, or is out of scope.
 * The cookie stays on the stack, and so does the thread's key.
 */
function emitHead(a: Assembler, maps: TimingMaps, features: TimingFeatures): void {
  a.mov(R1, R6).call("get_attach_cookie").mov(R7, R0).store(8, FP, COOKIE, R0);
  if (features.condition) emitCondition(a);
  if (features.filter) emitFilter(a, maps);
  a.mapValue(R2, maps.config, 0).load(8, R1, R2, HEADER.offsets.cancelled).jumpIfImm("ne", R1, 0, "out")
    .call("get_current_pid_tgid").store(8, FP, KEY, R0)
    .load(8, R1, FP, COOKIE).aluImm("and", R1, maps.groups - 1).store(4, FP, GROUP, R1)
    .address(R2, FP, GROUP).map(R1, maps.times).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out")
    .mov(R7, R0).load(8, R9, FP, COOKIE);
}

/** r0 = the clock of the thread: CLOCK_MONOTONIC less what it has waited for a processor. A register is used up. */
function emitClock(a: Assembler, { runDelay }: TimingFeatures, waited: Register): void {
  if (runDelay === null) {
    a.call("ktime_get_ns");
    return;
  }
  a.call("get_current_task_btf").load(8, waited, R0, runDelay).call("ktime_get_ns").alu("sub", R0, waited);
}

function add(a: Assembler, record: Register, field: number, amount: Register = R1): void {
  if (amount === R1) a.movImm(R1, 1);
  a.atomicAdd(record, field, amount);
}

/** result = the cost of the site whose cookie is in r9; r1 is used. */
function emitCost(
  a: Assembler,
  maps: TimingMaps,
  options: { kind: keyof typeof CostKind; result: Register },
): void {
  const { kind, result } = options;
  a.mov(R1, R9).aluImm("rsh", R1, 16).aluImm("and", R1, COST_CLASSES - 1).aluImm("lsh", R1, 3)
    .mapValue(result, maps.costs, CostKind[kind] * COST_CLASSES * 8).alu("add", result, R1)
    .load(8, result, result, 0);
}

/** r0 = the thread's value, or 0. */
function emitThread(a: Assembler, maps: TimingMaps): void {
  a.address(R2, FP, KEY).map(R1, maps.threads).call("map_lookup_elem");
}

/** r6 = the group's span in the thread's value in r8; the context is lost. */
function emitSpan(a: Assembler, maps: TimingMaps): void {
  a.mov(R6, R9).aluImm("and", R6, maps.groups - 1).aluImm("mul", R6, SPAN.sizeBytes)
    .alu("add", R6, R8).aluImm("add", R6, THREAD.sizeBytes);
}

/** thread.costNs += cost; r3 = the thread's cost from now on. */
function emitPay(a: Assembler, maps: TimingMaps, kind: "entry" | "return"): void {
  emitCost(a, maps, { kind, result: R2 });
  a.load(8, R3, R8, THREAD.offsets.costNs).alu("add", R3, R2).store(8, R8, THREAD.offsets.costNs, R3);
}

function emitEnd(a: Assembler, features: TimingFeatures): void {
  a.label("out").movImm(R0, 0).exit();
  if (features.filter) a.label("outside").movImm(R0, 0).exit();
}

/**
 * At an entry. A thread is in one call of a group at a time: a call further down its stack is nested in that; one that is not
 * further down shows that the other was left without a return, and takes its place.
 */
export function entryTimer(maps: TimingMaps, features: TimingFeatures): Assembler {
  const a = new Assembler();
  a.mov(R6, R1).load(8, R1, R6, REGISTERS.stackPointer).store(8, FP, NOW, R1);
  emitHead(a, maps, features);
  add(a, R7, TIMES.offsets.calls);
  emitThread(a, maps);
  a.jumpIfImm("ne", R0, 0, "known").movImm(R1, 0).store(4, FP, GROUP, R1)
    .address(R2, FP, GROUP).map(R1, maps.fresh).call("map_lookup_elem").jumpIfImm("eq", R0, 0, "out")
    .mov(R3, R0).address(R2, FP, KEY).map(R1, maps.threads).movImm(R4, 0).call("map_update_elem");
  emitThread(a, maps);
  a.jumpIfImm("ne", R0, 0, "known");
  add(a, R7, TIMES.offsets.lost);
  a.jump("out").label("known").mov(R8, R0);
  emitPay(a, maps, "entry");
  emitSpan(a, maps);
  a.load(8, R4, FP, NOW).load(8, R1, R6, SPAN.offsets.stackPointer)
    .jumpIfImm("eq", R1, 0, "open").jumpIf("lt", R4, R1, "out")
    .label("open").store(8, R6, SPAN.offsets.stackPointer, R4);
  emitCost(a, maps, { kind: "entryTail", result: R2 });
  a.alu("sub", R3, R2).store(8, R6, SPAN.offsets.costNs, R3);
  add(a, R7, TIMES.offsets.opened);
  emitClock(a, features, R9);
  a.store(8, R6, SPAN.offsets.startedNs, R0);
  emitEnd(a, features);
  return a;
}

/**
 * At a way out.
 *
 * @param options.poppedBytes how much of the stack the return itself has taken: after it, at a trampoline, the address
 */
export function returnTimer(
  maps: TimingMaps,
  features: TimingFeatures & { poppedBytes: number },
): Assembler {
  const a = new Assembler();
  a.mov(R6, R1);
  emitClock(a, features, R7);
  a.store(8, FP, NOW, R0);
  emitHead(a, maps, features);
  add(a, R7, TIMES.offsets.returns);
  a.mov(R1, R9).aluImm("rsh", R1, EPOCH_SHIFT).aluImm("and", R1, 1).atomicAdd(R7, TIMES.offsets.tails, R1);
  emitThread(a, maps);
  a.jumpIfImm("eq", R0, 0, "out").mov(R8, R0)
    .load(8, R4, R6, REGISTERS.stackPointer).aluImm("sub", R4, features.poppedBytes);
  emitSpan(a, maps);
  a.load(8, R1, R6, SPAN.offsets.stackPointer).jumpIfImm("eq", R1, 0, "pay").jumpIf("lt", R4, R1, "pay");
  // r5 = now − started − (thread's cost − cost at the start) − what of this breakpoint came before the clock
  emitCost(a, maps, { kind: "returnHead", result: R2 });
  a.load(8, R5, FP, NOW).load(8, R1, R6, SPAN.offsets.startedNs).alu("sub", R5, R1)
    .atomicAdd(R7, TIMES.offsets.grossNs, R5).alu("sub", R5, R2)
    .load(8, R1, R8, THREAD.offsets.costNs).alu("sub", R5, R1)
    .load(8, R1, R6, SPAN.offsets.costNs).alu("add", R5, R1)
    .movImm(R1, 0).store(8, R6, SPAN.offsets.stackPointer, R1);
  add(a, R7, TIMES.offsets.inclusiveNs, R5);
  add(a, R7, TIMES.offsets.finished);
  a.label("pay");
  emitPay(a, maps, "return");
  emitEnd(a, features);
  return a;
}

/** sched_process_exit: the thread's value is given back; calls that it ends in have no end. */
export function forgetThread(maps: TimingMaps): Assembler {
  return new Assembler()
    .call("get_current_pid_tgid").store(8, FP, KEY, R0)
    .address(R2, FP, KEY).map(R1, maps.threads).call("map_delete_elem").movImm(R0, 0).exit();
}
