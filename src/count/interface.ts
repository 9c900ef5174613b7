/** The interface of /dev/tracer: kmod/include/uapi/tracer.h in TypeScript; a test holds the two against each other. */
import { StructLayout } from "../../ffi/mod.ts";
import { toNumber } from "../core/mod.ts";
import type { CountedProcess, CountFigures, ProcessState } from "./model.ts";

/** Requests of ioctl(2); the first three take a process id by value. */
export const Request = {
  addProcess: 0x4004_012a,
  removeProcess: 0x4004_012b,
  addTree: 0x4004_012c,
  read: 0xc0c0_012d,
} as const;

/** TRACER_READ_VERSION */
export const READ_VERSION = 1;
/** TRACER_READ_MORE */
export const READ_MORE = 1;
/** TRACER_ROW_* */
export const RowFlag = { root: 1, ended: 2, left: 4 } as const;

/** Fields of struct tracer_figures in their order, and what they are called here. */
export const FIGURE_FIELDS = {
  kmalloc: "kmalloc",
  kfree: "kfree",
  kmalloc_mem: "kmallocBytes",
  kfree_mem: "kfreeBytes",
  sched: "sched",
  up: "up",
  down: "down",
  lock: "lock",
  unlock: "unlock",
  unknown: "unknown",
} as const satisfies Readonly<Record<string, keyof CountFigures>>;

type Field = keyof typeof FIGURE_FIELDS;

const FIELDS = Object.keys(FIGURE_FIELDS) as Field[];
const FIGURES = Object.fromEntries(FIELDS.map((name) => [name, "u64"])) as Record<Field, "u64">;

/** struct tracer_row; the name is two words of eight bytes. */
export const ROW = new StructLayout({
  id: "u64",
  pid: "i32",
  flags: "u32",
  start_ns: "u64",
  end_ns: "u64",
  comm: "u64",
  comm_rest: "u64",
  ...FIGURES,
});

/** struct tracer_read; its totals are a struct tracer_figures. */
export const READ = new StructLayout({
  version: "u32",
  capacity: "u32",
  rows: "u64",
  after: "u64",
  count: "u32",
  flags: "u32",
  now_ns: "u64",
  processes: "u64",
  live: "u64",
  dropped: "u64",
  missed: "u64",
  untracked: "u64",
  ...FIGURES,
  reserved_0: "u64",
  reserved_1: "u64",
  reserved_2: "u64",
  reserved_3: "u64",
});

const COMM_BYTES = 16;
const decoder = new TextDecoder();

/** The figures among a struct's fields. */
export function figuresOf(values: Readonly<Record<Field, bigint>>): CountFigures {
  return Object.fromEntries(
    FIELDS.map((field) => [FIGURE_FIELDS[field], toNumber(values[field])]),
  ) as unknown as CountFigures;
}

function stateOf(flags: number): ProcessState {
  if (flags & RowFlag.left) return "left";
  return flags & RowFlag.ended ? "ended" : "live";
}

/** A row of an array. @param nowNs when it was read */
export function readRow(view: DataView<ArrayBuffer>, at: number, nowNs: bigint): CountedProcess {
  const values = ROW.read(view, at);
  const name = new Uint8Array(view.buffer, view.byteOffset + at + ROW.offsets.comm, COMM_BYTES);
  const length = name.indexOf(0);
  return {
    id: toNumber(values.id),
    pid: values.pid === 0 ? null : values.pid,
    comm: decoder.decode(name.subarray(0, length < 0 ? COMM_BYTES : length)),
    isRoot: (values.flags & RowFlag.root) !== 0,
    state: stateOf(values.flags),
    countedNs: toNumber((values.end_ns || nowNs) - values.start_ns),
    figures: figuresOf(values),
  };
}
