/** The memory that sb and its eBPF programs share: one header, a slot a probe, a statistics record a probe and CPU. */
import { StructLayout } from "../../../ffi/mod.ts";

/** The head of the `config` map's value. */
export const HEADER = new StructLayout({
  /** Not 0: no further delay starts, those in flight end. */
  cancelled: "u64",
  /** Global id of the process that holds the session; its exit cancels. */
  holder: "u64",
  /** Global id of the root of the tree. */
  root: "u64",
  /** CLOCK_MONOTONIC at which windows start; 0 until the command's exec. */
  windowBase: "u64",
  /** Processes that could not be entered into the tree. */
  untracked: "u64",
  /** Global id that the seed program saw last: how sb learns its own. */
  seen: "u64",
  /** Not 0: a probe with a delay was hit since sb looked last; only programs over sets of scopes say so. */
  hit: "u64",
});

/** Where the floors start: one u64 a floor class, nanoseconds to subtract and to account. */
export const FLOORS_OFFSET = 64;
/** Floor classes that fit the header. */
export const FLOOR_SLOTS = 32;
/** Bytes before the first probe slot. */
export const SLOTS_OFFSET = FLOORS_OFFSET + FLOOR_SLOTS * 8 + 192;

/** log2 of a probe slot's size. */
export const SLOT_SHIFT = 7;
export const SLOT_BYTES = 1 << SLOT_SHIFT;

/** Bits of a slot's `flags`. */
export const SlotFlag = {
  live: 1,
  timed: 2,
  distribution: 4,
  compensate: 8,
  /** From here on only programs that choose by slot ask: which parts of the schedule the slot uses. */
  window: 16,
  ordered: 32,
  probability: 64,
  /** The scope is every process. */
  everyone: 128,
  /** Another probe of the site accounts for its floor. */
  floorless: 256,
  /** The scope is a cgroup. */
  cgroup: 512,
} as const;

/** A probe's slot. */
export const SLOT = new StructLayout({
  flags: "u64",
  /** A fixed delay in nanoseconds. */
  delayNs: "u64",
  /** Changes when delays in flight must end. */
  generation: "u64",
  every: "u64",
  /** 0 to 2^32: a draw below it delays. */
  threshold: "u64",
  /** Delays at the most. */
  times: "u64",
  /** Window, relative to the base; [start, end). */
  startNs: "u64",
  endNs: "u64",
  /** Hits so far over all CPUs, where the schedule needs their order. */
  ordered: "u64",
  /** Delays granted so far, where `times` limits them. */
  granted: "u64",
  /** Byte offset of the probe's quantile table. */
  table: "u64",
  /** Base of this probe's window; 0 takes the header's. */
  windowBase: "u64",
  /**
   * Where programs choose by slot: the scopes that the probe applies to, a bit each; over sets of scopes the number of its
   * scope, or the id of its cgroup.
   */
  scopes: "u64",
  /** Global id of the process whose end ends the probe; 0 without one. */
  owner: "u64",
  /** Only links of this epoch count, over sets of scopes: {@linkcode SiteCookie.epoch}. */
  epoch: "u64",
  /** Cgroups above that of the scope. */
  cgroupLevel: "u64",
});

/** A process in the tree map of programs that choose by slot. */
export const MEMBER = new StructLayout({
  /** The scopes that it is in, a bit each. */
  scopes: "u64",
  /** Not 0: it is sb itself, and in no scope. */
  excluded: "u64",
});

/** Scopes at the most, where a process is in a set of them. */
export const MAX_SCOPES = 2048;
/** Sets of scopes at the most; set 0 is empty, and what no process is in. */
export const MAX_SETS = 4096;
/** A set of scopes that processes are in; its bits follow, one a scope. */
export const SCOPE_SET = new StructLayout({
  /** Processes that are in this set now. */
  members: "u64",
  /** Not 0: sb is told of forks and ends of its processes. */
  told: "u64",
  /** The set without the guarded scopes: where a process goes at an exec that gains privilege. */
  unguarded: "u64",
  /** Not 0: there are scopes in it, so that children are followed. */
  followed: "u64",
});
/** Bytes of a set. */
export const SET_BYTES = SCOPE_SET.sizeBytes + MAX_SCOPES / 8;
/** A process in the tree map of programs over sets of scopes. */
export const SET_MEMBER = new StructLayout({
  /** The number of its set; 0 once it has left. */
  set: "u64",
});

/** A probe's statistics on one CPU; the histogram follows. */
export const RECORD = new StructLayout({
  hits: "u64",
  delayed: "u64",
  cut: "u64",
  clipped: "u64",
  addedNs: "u64",
  maxNs: "u64",
  /** ~minimum, so that zero is the empty state of both extremes. */
  complementMinNs: "u64",
  /** Executions out of scope that trapped and were turned away. */
  outside: "u64",
  /** Sum of the floors of the hits that were not delayed. */
  floorNs: "u64",
});

/** Where a cookie's epoch starts. */
export const EPOCH_SHIFT = 49;
/** Epochs that a cookie can tell apart. */
export const EPOCHS = 1 << (64 - EPOCH_SHIFT);

/** The cookie of a site: which slot, which floor, which condition on the flags. */
export interface SiteCookie {
  slot: number;
  floorClass: number;
  condition?: { mask: number; when: "set" | "clear" };
  /** Which links of the slot this is one of, below 2^15: those of before do not count any more, even if they are there. */
  epoch?: number;
}

/** Bits 0–15 slot, 16–23 floor class, 32–47 flag mask, 48 set when a hit needs a flag set, 49–63 epoch. */
export function encodeCookie(cookie: SiteCookie): bigint {
  let word = BigInt(cookie.slot) | BigInt(cookie.floorClass) << 16n;
  word |= BigInt(cookie.epoch ?? 0) << BigInt(EPOCH_SHIFT);
  if (cookie.condition) {
    word |= BigInt(cookie.condition.mask) << 32n;
    if (cookie.condition.when === "set") word |= 1n << 48n;
  }
  return word;
}
