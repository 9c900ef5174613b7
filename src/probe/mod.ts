/** Delays, schedules, probes and the backends that carry them out. */
export type * from "./model.ts";
export * from "./schedule.ts";
export * from "./spec.ts";
export type * from "./backend.ts";
export type * from "./pool.ts";
export { openEbpfSession } from "./ebpf/session.ts";
export { openKmodSession } from "./kmod/session.ts";
export * from "./select.ts";
export { type EbpfFeatures, probeFeatures } from "./ebpf/features.ts";
export { SPEED_BUMP_ABI, SpeedBumpFiles } from "./kmod/sysfs.ts";
export type { HistogramRow, ModuleTotals, ScopeRow, TargetRow } from "./kmod/rows.ts";
export * from "./kmod/command.ts";
export { measureModuleFloors } from "./kmod/floor.ts";
export { standAside } from "./ebpf/pinned/aside.ts";
export { type PinChange, type PinnedProbe, PinnedProbes, type PinOptions } from "./ebpf/pinned/probes.ts";
export { type FloorClass, floorClassesOf, floorClassOf } from "./floor.ts";
export { readSessions, type ToldSession } from "./ebpf/description.ts";
